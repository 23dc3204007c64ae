//! Ids in paths: what cannot be one names nothing, and is answered like an id that was never given out.

use uuid::Uuid;
use weft_domain::{Error, Result, id};

/// A conversation's id.
pub(crate) fn conversation(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::Conversation>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("conversation"))
}

/// A contact's id.
pub(crate) fn contact(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::Contact>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("contact"))
}

/// A merge suggestion's id.
pub(crate) fn suggestion(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::Suggestion>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("suggestion"))
}

/// A merge's id.
pub(crate) fn merge(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::Merge>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("merge"))
}

/// The id of a merge or split of conversations.
pub(crate) fn regrouping(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::Regrouping>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("regrouping"))
}

/// A message's id.
pub(crate) fn message(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::Message>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("message"))
}

/// A scheduled message's id.
pub(crate) fn scheduled(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::Scheduled>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("scheduled_message"))
}

/// A saved view's id.
pub(crate) fn view(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::View>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("view"))
}

/// A canned reply's id.
pub(crate) fn canned_reply(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::CannedReply>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("canned_reply"))
}

/// A macro's id.
pub(crate) fn saved_macro(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::Macro>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("macro"))
}

/// A custom field's id.
pub(crate) fn custom_field(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::CustomField>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("custom_field"))
}

/// A bulk action's id.
pub(crate) fn bulk_action(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::BulkAction>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("bulk_action"))
}

/// The id of a note on a contact.
pub(crate) fn note(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::Note>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("note"))
}

/// An import's id.
pub(crate) fn import(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::Import>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("import"))
}

/// An export's id.
pub(crate) fn export(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::Export>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("export"))
}

/// A channel's id.
pub(crate) fn channel(text: &str) -> Result<Uuid> {
    let id = id::parse_lookup::<id::Channel>(text);
    id.map(|id| id.uuid()).map_err(|_| Error::not_found("channel"))
}
