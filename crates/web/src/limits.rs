use std::time::Duration;

/// What one server grants to its callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// For the head of a request, from its first byte; for the first request, from the connection's start.
    pub head: Duration,
    /// For a connection without a request, and for a peer that does not take what is sent to it.
    pub idle: Duration,
    /// The least bytes per second of a request's body, looked at over each `body_window`.
    pub body_rate: u32,
    /// How long a body may be slower than `body_rate`.
    pub body_window: Duration,
    /// Connections at the same time.
    pub connections: usize,
    /// Connections at the same time from one address (IPv6: one /64). Behind a proxy, all come from the proxy.
    pub connections_per_address: usize,
    /// Header lines in one request.
    pub headers: usize,
    /// Bytes of all header lines of one request.
    pub header_bytes: u32,
    /// Requests at the same time in one HTTP/2 connection.
    pub streams: u32,
    /// For requests that still run when the server stops.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(5),
            idle: Duration::from_secs(60),
            body_rate: 1024,
            body_window: Duration::from_secs(5),
            connections: 10_000,
            connections_per_address: 256,
            headers: 100,
            header_bytes: 32 * 1024,
            streams: 128,
            drain: Duration::from_secs(12),
        }
    }
}
