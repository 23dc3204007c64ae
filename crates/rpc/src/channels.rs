use std::{collections::HashMap, time::Duration};

use hyper_util::rt::TokioIo;
use tokio::{io::DuplexStream, sync::mpsc};
use tonic::transport::{Channel, Endpoint, Uri};
use weft_domain::{Error, Result};

use crate::{Tls, server::BACKLOG};

const BUFFER: usize = 256 << 10;

/// How each service of the fleet is reached: through memory in this process, or at an address.
#[derive(Clone, Default)]
pub struct Channels {
    by_service: HashMap<String, Channel>,
    tls: Option<Tls>,
}

impl Channels {
    /// Ways to other processes that show our certificate and ask for theirs.
    pub fn secured(tls: Tls) -> Self {
        Self { tls: Some(tls), ..Self::default() }
    }

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
        let field = format!("peers.{service}");
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let wrong = || Error::invalid_field(&field, format!("must be like `{scheme}://host:port`"));
        let mut endpoint = Endpoint::from_shared(address.to_owned())
            .map_err(|error| wrong().with_source(error))?
            .connect_timeout(Duration::from_secs(3))
            .http2_keep_alive_interval(Duration::from_secs(20))
            .keep_alive_while_idle(true);
        if endpoint.uri().scheme_str() != Some(scheme) {
            return Err(wrong());
        }
        if let Some(tls) = &self.tls {
            endpoint = endpoint.tls_config(tls.to(service)).map_err(unusable)?;
        }
        self.by_service.insert(service.to_owned(), endpoint.connect_lazy());
        Ok(())
    }

    /// The ways to these services, and no others.
    #[must_use]
    pub fn only(&self, services: &[&str]) -> Self {
        let ways = self.by_service.iter().filter(|(name, _)| services.contains(&name.as_str()));
        let by_service = ways.map(|(name, channel)| (name.clone(), channel.clone())).collect();
        Self { by_service, tls: self.tls.clone() }
    }

    /// The way to `service`.
    pub fn to(&self, service: &str) -> Result<Channel> {
        self.by_service
            .get(service)
            .cloned()
            .ok_or_else(|| Error::internal(format!("no way to the service {service}")))
    }
}

/// Our own certificate or key cannot be used.
pub(crate) fn unusable(error: tonic::transport::Error) -> Error {
    Error::precondition("certificate_unusable", "the certificates for calls between services do not fit")
        .with_source(error)
}
