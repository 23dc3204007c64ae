use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use weft_auth::{ACCESS_TOKEN_LIFE, Principal, Subject};
use weft_crypto::{ExposeSecret, SecretString};
use weft_domain::{Result, id, id::SessionId};
use weft_proto::directory::v1::Tokens;

use crate::{
    directory::Directory,
    store::{api_tokens, people},
};

/// Tokens for somebody who signed in.
pub(crate) fn for_session(
    directory: &Directory,
    person: &people::Model,
    session: SessionId,
    refresh: &SecretString,
) -> Result<Tokens> {
    let now = directory.now();
    let principal = Principal {
        tenant: id::from_uuid(person.tenant_id),
        subject: Subject::User(person.user_id(), session),
        role: person.role()?,
        scopes: None,
        issued_at: not_revoked(now, person),
    };
    tokens(directory, &principal, refresh.expose_secret().to_owned())
}

/// An access token for a program; it does not outlive the API token.
pub(crate) fn for_api_token(
    directory: &Directory,
    token: &api_tokens::Model,
    creator: &people::Model,
) -> Result<Tokens> {
    let role = creator.role()?;
    let scopes = token.permissions().into_iter().filter(|name| role.allows(name)).collect();
    let issued_at = directory.now().min(token.expires_at - life());
    let principal = Principal {
        tenant: id::from_uuid(token.tenant_id),
        subject: Subject::Token(token.token_id(), creator.user_id()),
        role,
        scopes: Some(scopes),
        issued_at: not_revoked(issued_at, creator),
    };
    tokens(directory, &principal, String::new())
}

fn tokens(directory: &Directory, principal: &Principal, refresh_token: String) -> Result<Tokens> {
    let now = directory.now();
    let left = (principal.issued_at + life() - now).num_seconds();
    Ok(Tokens {
        access_token: directory.keyring.sign(principal, now)?,
        refresh_token,
        token_type: "Bearer".to_owned(),
        expires_in: u32::try_from(left).unwrap_or_default(),
    })
}

/// Access tokens carry whole seconds, and all made in the second in which somebody's sessions ended are refused. One made
/// afterwards says the next second.
fn not_revoked(issued_at: DateTime<Utc>, person: &people::Model) -> DateTime<Utc> {
    let earliest = person.sessions_ended_at.map(|at| at.trunc_subsecs(0) + TimeDelta::seconds(1));
    earliest.map_or(issued_at, |earliest| issued_at.max(earliest))
}

fn life() -> TimeDelta {
    TimeDelta::from_std(ACCESS_TOKEN_LIFE).unwrap_or_default()
}
