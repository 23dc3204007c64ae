use http::{HeaderMap, header::AUTHORIZATION};
use weft_domain::{Error, Result};
use weft_rpc::{EdgeCaller, Exchange};

/// The caller that `Authorization: Bearer …` names.
pub(crate) async fn caller(exchange: &Exchange, headers: &HeaderMap) -> Result<EdgeCaller> {
    let token = bearer(headers).ok_or_else(|| {
        let words = "send an access token or an API token as `Authorization: Bearer …`";
        Error::unauthenticated("missing_token", words)
    })?;
    let caller = exchange.caller(token).await?;
    tracing::Span::current().record("tenant.id", tracing::field::display(&caller.principal.tenant));
    Ok(caller)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
