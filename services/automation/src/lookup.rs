//! Ids in paths: what cannot be one names nobody, and is answered like an id that was never given out.

use uuid::Uuid;
use weft_domain::{Error, Result, id};

/// A user's id.
pub(crate) fn user(text: &str) -> Result<Uuid> {
    id::parse_lookup::<id::User>(text).map(|id| id.uuid()).map_err(|_| unknown())
}

/// Nobody of this tenant has this id.
pub(crate) fn unknown() -> Error {
    Error::not_found("agent")
}

/// The id of business hours.
pub(crate) fn hours(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::BusinessHours>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("business_hours"))
}

/// An automatic reply's id.
pub(crate) fn auto_reply(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::AutoReply>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("auto_reply"))
}
