use std::{collections::HashMap, time::Duration};

use hyper_util::rt::TokioIo;
use tokio::{io::DuplexStream, sync::mpsc};
use tonic::transport::{Channel, Endpoint, Uri};
use weft_domain::{Error, Result};

use crate::server::BACKLOG;

const BUFFER: usize = 256 << 10;

/// How each service of the fleet is reached: through memory in this process, or at an address.
#[derive(Clone, Default)]
pub struct Channels {
    by_service: HashMap<String, Channel>,
}

impl Channels {
    /// Makes `service` reachable through memory; its server serves what the receiver gives.
    pub fn local(&mut self, service: &str) -> mpsc::Receiver<DuplexStream> {
        let (connect, incoming) = mpsc::channel(BACKLOG);
        let connector = tower::service_fn(move |_: Uri| {
            let connect = connect.clone();
            async move {
                let (ours, theirs) = tokio::io::duplex(BUFFER);
                connect
                    .send(theirs)
                    .await
                    .map_err(|_| std::io::Error::from(std::io::ErrorKind::ConnectionRefused))?;
                Ok::<_, std::io::Error>(TokioIo::new(ours))
            }
        });
        let channel = Endpoint::from_static("http://local").connect_with_connector_lazy(connector);
        self.by_service.insert(service.to_owned(), channel);
        incoming
    }

    /// Makes `service` reachable at an address like `http://directory:9000`. Connects on first use, and again when needed.
    pub fn remote(&mut self, service: &str, address: &str) -> Result<()> {
        let endpoint = Endpoint::from_shared(address.to_owned())
            .map_err(|error| {
                Error::invalid_field(&format!("peers.{service}"), "must be like `http://host:port`")
                    .with_source(error)
            })?
            .connect_timeout(Duration::from_secs(3))
            .http2_keep_alive_interval(Duration::from_secs(20))
            .keep_alive_while_idle(true);
        self.by_service.insert(service.to_owned(), endpoint.connect_lazy());
        Ok(())
    }

    /// The way to `service`.
    pub fn to(&self, service: &str) -> Result<Channel> {
        self.by_service
            .get(service)
            .cloned()
            .ok_or_else(|| Error::internal(format!("no way to the service {service}")))
    }
}
