use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{HeaderMap, request::Parts};

/// Who calls, as far as trusted proxies tell. [`crate::Edge`] finds it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let found = parts.extensions.get::<Self>().copied();
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| Self(info.0.ip()));
        // neither is there only in tests that skip the server
        Ok(found.or(peer).unwrap_or(Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED))))
    }
}

/// Each trusted proxy has appended the address it saw, so the client stands `hops` places from the end. Whatever is
/// before that, the client may have written itself.
pub(crate) fn find(peer: IpAddr, headers: &HeaderMap, hops: usize) -> IpAddr {
    if hops == 0 {
        return peer.to_canonical();
    }
    let lines = headers.get_all("x-forwarded-for").into_iter().filter_map(|line| line.to_str().ok());
    let chain: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let told = chain.len().checked_sub(hops).and_then(|place| chain.get(place));
    told.and_then(|text| parse(text)).unwrap_or(peer).to_canonical()
}

/// Some proxies add the port.
fn parse(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}
