use std::{
    net::{TcpListener, UdpSocket},
    os::fd::IntoRawFd,
};

use rand::RngExt;

/// A port of 127.0.0.1 that nobody listens on, below the range the kernel gives to outgoing connections. Nobody else who asks
/// gets it while this process lives.
///
/// In that range, a client that dials a dead server again and again would one day be connected to itself.
pub fn free_port() -> u16 {
    for _ in 0..1000 {
        let address = ("127.0.0.1", rand::rng().random_range(12_000..32_000));
        // Whoever has the datagram port has claimed the other, which a server takes only later.
        let Ok(claim) = UdpSocket::bind(address) else { continue };
        if TcpListener::bind(address).is_ok() {
            let _until_exit = claim.into_raw_fd();
            return address.1;
        }
    }
    panic!("no free port between 12000 and 32000");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_port_is_given_out_twice() {
        assert_eq!((0..400).map(|_| free_port()).collect::<BTreeSet<_>>().len(), 400);
    }
}
