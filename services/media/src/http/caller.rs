use http::{HeaderMap, header::AUTHORIZATION};
use weft_auth::Principal;
use weft_domain::{Error, Result};
use weft_rpc::Exchange;

/// Who calls, by the bearer token; they must hold `permission`.
pub(super) async fn verify(exchange: &Exchange, headers: &HeaderMap, permission: &str) -> Result<Principal> {
    let token = bearer(headers).ok_or_else(|| {
        Error::unauthenticated(
            "missing_token",
            "send an access token or an API token as `Authorization: Bearer …`",
        )
    })?;
    let principal = exchange.caller(token).await?.principal;
    principal.require(permission)?;
    Ok(principal)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
