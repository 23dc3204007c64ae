use std::sync::Arc;

use axum::Router;
use futures::future::BoxFuture;
use weft_auth::Authority;
use weft_bus::{Bus, ConsumerSpec};
use weft_cache::Cache;
use weft_domain::{Clock, Result};
use weft_rpc::{Channels, ClientAuth, Exchange};
use weft_runtime::Lifecycle;

use crate::{
    Config,
    http::{self, origins::Origins, rates::Rates},
    live::Live,
    metering, openapi,
    state::Gateway,
};

/// What the service needs.
pub struct Deps {
    /// Where events come from.
    pub bus: Bus,
    /// Keeps tickets and rate limits.
    pub cache: Cache,
    /// Who is calling; somebody must keep its keys and revocations fresh.
    pub authority: Authority,
    /// The ways to the services that own the operations.
    pub channels: Channels,
    /// How it is set up.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where its tasks run.
    pub lifecycle: Lifecycle,
}

/// A service that runs.
pub struct Started {
    /// Its routes, to be served with those of others inside [`crate::around`].
    pub http: Router,
}

/// It follows events without a consumer of its own: what it has not shown is read again by cursor.
pub fn consumers() -> Vec<ConsumerSpec> {
    Vec::new()
}

/// Starts the service.
// Behind a pointer its code is compiled with this crate, and not again with every program that starts it.
pub fn start(deps: Deps) -> BoxFuture<'static, Result<Started>> {
    Box::pin(async { begin(deps) })
}

fn begin(deps: Deps) -> Result<Started> {
    deps.config.validate()?;
    metering::describe();
    let directory = ClientAuth::client(deps.channels.to("directory")?, deps.authority.clone());
    let live = Live::new(&deps);
    live.start();
    let gateway = Gateway {
        exchange: Exchange::new(deps.authority, directory),
        rates: Rates::new(deps.cache, deps.config.rates.clone()),
        origins: Arc::new(Origins::new(&deps.config)),
        call_timeout: deps.config.call_timeout(),
        openapi: openapi::document(deps.config.public_url.as_ref())?,
        live,
    };
    Ok(Started { http: http::routes(&deps.channels)?.with_state(gateway) })
}
