use std::net::TcpListener;

use rand::RngExt;

/// A port of 127.0.0.1 that nobody listens on, below the range the kernel gives to outgoing connections.
///
/// In that range, a client that dials a dead server again and again would one day be connected to itself.
pub fn free_port() -> u16 {
    for _ in 0..1000 {
        let port = rand::rng().random_range(12_000..32_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port between 12000 and 32000");
}
