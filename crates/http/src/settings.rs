use std::{net::IpAddr, time::Duration};

/// How a [`Client`](crate::Client) calls. Whoever may call other addresses gets a client of their own, with its own connections.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether private networks and every port may be called. Metadata addresses stay refused.
    pub allow_private: bool,
    /// Single addresses that may be called although they are private: by a name on the ports 80 and 443, written out on all.
    pub allowed: Vec<IpAddr>,
    /// The `User-Agent`.
    pub user_agent: String,
    /// How long to wait for a connection, TLS included. Shorter than `timeout`, or a dead host looks like a slow one.
    pub connect_timeout: Duration,
    /// How long one call may take to its last byte, unless the request says otherwise.
    pub timeout: Duration,
    /// How many bytes an answer may have, unless the request says otherwise.
    pub max_body: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            allow_private: false,
            allowed: Vec::new(),
            user_agent: concat!("weft/", env!("CARGO_PKG_VERSION")).to_owned(),
            connect_timeout: Duration::from_secs(5),
            timeout: Duration::from_secs(30),
            max_body: 4 * 1024 * 1024,
        }
    }
}
