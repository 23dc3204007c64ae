use tokio::time::Instant;
use url::{Host, Url};

/// The ports that the public service connects to.
const PORTS: [u16; 4] = [443, 80, 88, 8443];

/// Where updates are pushed to, and how that goes.
#[derive(Debug, Default)]
pub(super) struct Webhook {
    pub(super) url: Option<Url>,
    pub(super) secret: Option<String>,
    pub(super) max_connections: usize,
    pub(super) set_at: Option<Instant>,
    pub(super) last_error: Option<(i64, String)>,
    /// Since when it answers 410.
    pub(super) gone_since: Option<Instant>,
}

impl Webhook {
    /// Reads an address: HTTPS on four ports, or anything on the machine itself.
    pub(super) fn parse(text: &str) -> Result<Url, &'static str> {
        let url = Url::parse(text).map_err(|_| "bad webhook: invalid URL")?;
        let is_local = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        if is_local {
            return Ok(url);
        }
        if url.scheme() != "https" {
            return Err("bad webhook: An HTTPS URL must be provided for webhook");
        }
        if !url.port_or_known_default().is_some_and(|port| PORTS.contains(&port)) {
            return Err("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443");
        }
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_on_four_ports_or_the_machine_itself_is_called() {
        for fine in [
            "https://hooks.example.com/a",
            "https://x.test:8443",
            "http://127.0.0.1:3999/a",
            "http://[::1]:1/",
        ] {
            assert!(Webhook::parse(fine).is_ok(), "{fine}");
        }
        for refused in ["http://hooks.example.com/a", "https://x.test:8080", "nonsense", "http://10.0.0.1/"] {
            assert!(Webhook::parse(refused).is_err(), "{refused}");
        }
    }
}
