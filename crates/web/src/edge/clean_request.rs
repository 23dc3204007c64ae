use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use http::HeaderName;

use crate::{Edge, client_address, client_address::ClientAddress};

/// Headers by which a proxy of ours, and nobody else, would say who somebody is.
const IDENTITY: [&str; 6] = [
    "x-weft-",
    "x-auth-request-",
    "x-forwarded-user",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-remote-user",
];

/// Finds out who calls, and drops what only we may say.
pub(super) async fn clean(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let address = client_address::find(peer.ip(), request.headers(), edge.trusted_hops);
        request.extensions_mut().insert(ClientAddress(address));
    }
    let claimed: Vec<HeaderName> = request.headers().keys().filter(|name| claims(name)).cloned().collect();
    for name in claimed {
        request.headers_mut().remove(name);
    }
    next.run(request).await
}

fn claims(name: &HeaderName) -> bool {
    IDENTITY.iter().any(|start| name.as_str().starts_with(start))
}
