//! Tickets: what a page shows instead of a token, since a browser's WebSocket has no headers (ED-5).

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use weft_auth::{Principal, Subject};
use weft_cache::{Cache, Key};
use weft_crypto::{ExposeSecret, SecretString, token};
use weft_domain::{
    Error, Result, Role, TenantId,
    id::{ApiTokenId, SessionId, UserId},
};

use super::Shared;

/// How long a ticket is good.
pub(crate) const LIFE: Duration = Duration::from_secs(30);

/// A caller without their token: whoever reads the cache cannot become them.
#[derive(Serialize, Deserialize)]
struct Holder {
    tenant: TenantId,
    user: UserId,
    session: Option<SessionId>,
    token: Option<ApiTokenId>,
    role: Role,
    scopes: Option<Vec<String>>,
    issued_at: DateTime<Utc>,
}

pub(super) async fn make(cache: &Cache, caller: &Principal) -> Result<String> {
    let (session, api_token) = match caller.subject {
        Subject::User(_, session) => (Some(session), None),
        Subject::Token(api_token, _) => (None, Some(api_token)),
    };
    let holder = Holder {
        tenant: caller.tenant,
        user: caller.user(),
        session,
        token: api_token,
        role: caller.role,
        scopes: caller.scopes.clone(),
        issued_at: caller.issued_at,
    };
    let secret = token::random_secret();
    cache.add(&key(&secret), serde_json::to_vec(&holder).map_err(Error::internal)?, LIFE).await?;
    Ok(secret.expose_secret().to_owned())
}

pub(super) async fn take(shared: &Shared, text: &str) -> Result<Principal> {
    let found = shared.cache.take(&key(&text.to_owned().into())).await?;
    let holder = found.and_then(|bytes| serde_json::from_slice::<Holder>(&bytes).ok()).ok_or_else(refused)?;
    let subject = match (holder.session, holder.token) {
        (Some(session), None) => Subject::User(holder.user, session),
        (None, Some(api_token)) => Subject::Token(api_token, holder.user),
        _ => return Err(refused()),
    };
    let principal = Principal {
        tenant: holder.tenant,
        subject,
        role: holder.role,
        scopes: holder.scopes,
        issued_at: holder.issued_at,
    };
    if shared.authority.revocations().includes(&principal) {
        return Err(Error::unauthenticated("session_ended", "this session has ended; sign in again"));
    }
    Ok(principal)
}

fn key(secret: &SecretString) -> Key {
    let hash: String = token::hash(secret).iter().map(|byte| format!("{byte:02x}")).collect();
    Key::global("live-ticket", &[&hash])
}

fn refused() -> Error {
    let words = "this ticket is used, expired or wrong; get a new one from /v1/live/tickets";
    Error::unauthenticated("invalid_ticket", words)
}
