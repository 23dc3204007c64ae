//! Probes and metrics, where nobody from outside comes.

use std::net::SocketAddr;

use axum::Router;
use weft_domain::{Error, Result};
use weft_runtime::Lifecycle;

use crate::process::bind;

/// Where probes and metrics answer.
pub(crate) struct Admin {
    /// The address.
    pub(crate) address: SocketAddr,
    /// What the main listener has to answer, when there is no other.
    pub(crate) on_main: Router,
}

impl Admin {
    /// Answers at `own`, or leaves it to the main listener, which tells callers on this machine alone.
    ///
    /// Its own listener begins before anything else and ends last: a process that waits for its database is alive and not
    /// ready, and so is one that drains.
    pub(crate) async fn begin(
        own: Option<SocketAddr>,
        main: SocketAddr,
        lifecycle: &Lifecycle,
        probes: Router,
    ) -> Result<Self> {
        let Some(own) = own.filter(|own| *own != main) else {
            return Ok(Self { address: main, on_main: weft_web::local_only(probes) });
        };
        let listener = bind(own).await?;
        let tasks = lifecycle.flush();
        let limits = weft_web::Limits::default();
        let address = weft_web::serve(listener, probes, limits, tasks.stop_token(), tasks);
        Ok(Self { address: address.map_err(Error::internal)?, on_main: Router::new() })
    }
}
