use uuid::Uuid;
use weft_domain::{Error, Result, id};

/// Reads the id of a tenant, or answers as if there were none like it.
pub(crate) fn tenant(text: &str) -> Result<id::TenantId> {
    id::parse_lookup(text).map_err(|_| Error::not_found("tenant"))
}

/// Reads the id of a person, or answers as if there were none like it.
pub(crate) fn user(text: &str) -> Result<id::UserId> {
    id::parse_lookup(text).map_err(|_| Error::not_found("user"))
}

/// Reads the id of a team, or answers as if there were none like it.
pub(crate) fn team(text: &str) -> Result<Uuid> {
    id::parse_lookup::<id::Team>(text).map(|it| it.uuid()).map_err(|_| Error::not_found("team"))
}

/// Reads the id of an API token, or answers as if there were none like it.
pub(crate) fn token(text: &str) -> Result<Uuid> {
    id::parse_lookup::<id::ApiToken>(text).map(|it| it.uuid()).map_err(|_| Error::not_found("token"))
}

/// Reads the id of a channel, or answers as if there were none like it.
pub(crate) fn channel(text: &str) -> Result<Uuid> {
    id::parse_lookup::<id::Channel>(text).map(|it| it.uuid()).map_err(|_| Error::not_found("channel"))
}
