use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::Settings;

mod networks;

use networks::{Standing, standing_v4, standing_v6};

/// Why the guard does not let us call a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Neither `http` nor `https`.
    #[error("only http and https may be called")]
    Scheme,
    /// A user name or password in the URL.
    #[error("the URL holds a user name or password")]
    UserInfo,
    /// No host.
    #[error("the URL has no host")]
    NoHost,
    /// A port other than 80 and 443, or than those of the protocol that is spoken.
    #[error("this port may not be called")]
    Port,
    /// An address inside some network rather than on the internet.
    #[error("the address is private")]
    Private,
    /// An address nobody may call: metadata services, link-local, multicast, reserved.
    #[error("the address is never called")]
    Forbidden,
    /// A redirect from https to http.
    #[error("the redirect leaves TLS")]
    Downgrade,
    /// More redirects than the request allows.
    #[error("too many redirects")]
    Redirects,
}

/// Decides which URLs and addresses may be called.
#[derive(Clone, Debug)]
pub(crate) struct Guard {
    allow_private: bool,
    allowed: Vec<IpAddr>,
}

impl Guard {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { allow_private: settings.allow_private, allowed: settings.allowed.clone() }
    }

    /// Checks what can be seen before a name is resolved, and all of it for a literal address.
    pub(crate) fn check_url(&self, url: &Url) -> Result<(), Refusal> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refusal::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Refusal::UserInfo);
        }
        let literal = match url.host().ok_or(Refusal::NoHost)? {
            Host::Domain("") => return Err(Refusal::NoHost),
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
        };
        if let Some(address) = literal {
            self.check_address(address)?;
        }
        let any_port = self.allow_private || literal.is_some_and(|address| self.allowed.contains(&address));
        if !any_port && !matches!(url.port_or_known_default(), Some(80 | 443)) {
            return Err(Refusal::Port);
        }
        Ok(())
    }

    /// Checks the port of a connection that is not HTTP.
    pub(crate) fn check_port(&self, port: u16, ports: &[u16]) -> Result<(), Refusal> {
        if self.allow_private || ports.contains(&port) { Ok(()) } else { Err(Refusal::Port) }
    }

    /// Checks an address that is about to be connected to.
    pub(crate) fn check_address(&self, address: IpAddr) -> Result<(), Refusal> {
        match standing(address) {
            Standing::Global => Ok(()),
            Standing::Forbidden => Err(Refusal::Forbidden),
            Standing::Private if self.allow_private || self.allowed.contains(&address) => Ok(()),
            Standing::Private => Err(Refusal::Private),
        }
    }
}

fn standing(address: IpAddr) -> Standing {
    match address {
        IpAddr::V4(address) => standing_v4(address),
        IpAddr::V6(address) => embedded_v4(address).map_or_else(|| standing_v6(address), standing_v4),
    }
}

/// The IPv4 address that a packet to this IPv6 address may end at: mapped, 6to4 (RFC 3056), NAT64 (RFC 6052).
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let pair = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x2002, high, low, ..]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(pair(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
