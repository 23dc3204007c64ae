//! Ids: UUIDv7 inside, TypeIDs (`conv_01j…`) outside. <https://github.com/jetify-com/typeid/tree/main/spec>

use std::str::FromStr;

use type_safe_id::{StaticType, TypeSafeId};
use uuid::Uuid;

use crate::Error;

/// Marks the kind of thing a tenant id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tenant;
impl StaticType for Tenant {
    const TYPE: &'static str = "tenant";
}
/// Marks the kind of thing a user id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct User;
impl StaticType for User {
    const TYPE: &'static str = "user";
}
/// Marks the kind of thing a session id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Session;
impl StaticType for Session {
    const TYPE: &'static str = "sess";
}
/// Marks the kind of thing an API token's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiToken;
impl StaticType for ApiToken {
    const TYPE: &'static str = "token";
}
/// Marks the kind of thing a channel id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Channel;
impl StaticType for Channel {
    const TYPE: &'static str = "chan";
}
/// Marks the kind of thing a contact id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Contact;
impl StaticType for Contact {
    const TYPE: &'static str = "contact";
}
/// Marks the kind of thing a conversation id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Conversation;
impl StaticType for Conversation {
    const TYPE: &'static str = "conv";
}
/// Marks the kind of thing a message id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Message;
impl StaticType for Message {
    const TYPE: &'static str = "msg";
}
/// Marks the kind of thing a file id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct File;
impl StaticType for File {
    const TYPE: &'static str = "file";
}
/// Marks the kind of thing an event id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Event;
impl StaticType for Event {
    const TYPE: &'static str = "evt";
}
/// Marks the kind of thing a dead letter's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeadLetter;
impl StaticType for DeadLetter {
    const TYPE: &'static str = "letter";
}
/// Marks the kind of thing the id of a line in a channel's log names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LogEntry;
impl StaticType for LogEntry {
    const TYPE: &'static str = "log";
}
/// Marks the kind of thing a merge suggestion's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Suggestion;
impl StaticType for Suggestion {
    const TYPE: &'static str = "suggestion";
}
/// Marks the kind of thing a scheduled message's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scheduled;
impl StaticType for Scheduled {
    const TYPE: &'static str = "sched";
}
/// Marks the kind of thing a merge's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Merge;
impl StaticType for Merge {
    const TYPE: &'static str = "merge";
}
/// Marks the kind of thing the id of a merge or split of conversations names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Regrouping;
impl StaticType for Regrouping {
    const TYPE: &'static str = "regrouping";
}
/// Marks the kind of thing a saved view's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct View;
impl StaticType for View {
    const TYPE: &'static str = "view";
}
/// Marks the kind of thing a custom field's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CustomField;
impl StaticType for CustomField {
    const TYPE: &'static str = "field";
}
/// Marks the kind of thing a bulk action's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BulkAction;
impl StaticType for BulkAction {
    const TYPE: &'static str = "bulk";
}
/// Marks the kind of thing a canned reply's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CannedReply;
impl StaticType for CannedReply {
    const TYPE: &'static str = "canned";
}
/// Marks the kind of thing a macro's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Macro;
impl StaticType for Macro {
    const TYPE: &'static str = "macro";
}
/// Marks the kind of thing a contact's note's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Note;
impl StaticType for Note {
    const TYPE: &'static str = "note";
}
/// Marks the kind of thing an import's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Import;
impl StaticType for Import {
    const TYPE: &'static str = "import";
}
/// Marks the kind of thing an export's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Export;
impl StaticType for Export {
    const TYPE: &'static str = "export";
}
/// Marks the kind of thing a notification's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Notification;
impl StaticType for Notification {
    const TYPE: &'static str = "notif";
}
/// Marks the kind of thing a team's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Team;
impl StaticType for Team {
    const TYPE: &'static str = "team";
}
/// Marks the kind of thing that business hours' id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BusinessHours;
impl StaticType for BusinessHours {
    const TYPE: &'static str = "hours";
}
/// Marks the kind of thing an automatic reply's id names.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AutoReply;
impl StaticType for AutoReply {
    const TYPE: &'static str = "areply";
}

/// A tenant: the border nothing crosses.
pub type TenantId = TypeSafeId<Tenant>;
/// A person who signs in.
pub type UserId = TypeSafeId<User>;
/// One sign-in of a user, kept alive by refresh tokens.
pub type SessionId = TypeSafeId<Session>;
/// A token for programs.
pub type ApiTokenId = TypeSafeId<ApiToken>;
/// One connected account of a provider.
pub type ChannelId = TypeSafeId<Channel>;
/// A person or group outside.
pub type ContactId = TypeSafeId<Contact>;
/// A thread of messages with one contact.
pub type ConversationId = TypeSafeId<Conversation>;
/// One message.
pub type MessageId = TypeSafeId<Message>;
/// A stored file.
pub type FileId = TypeSafeId<File>;
/// One event on the bus.
pub type EventId = TypeSafeId<Event>;
/// A reply at hand.
pub type CannedReplyId = TypeSafeId<CannedReply>;
/// Several steps in one.
pub type MacroId = TypeSafeId<Macro>;
/// A note on a contact.
pub type NoteId = TypeSafeId<Note>;
/// Contacts taken from a file.
pub type ImportId = TypeSafeId<Import>;
/// Contacts written into a file.
pub type ExportId = TypeSafeId<Export>;
/// What somebody should know of.
pub type NotificationId = TypeSafeId<Notification>;
/// People who share work.
pub type TeamId = TypeSafeId<Team>;
/// When somebody is there.
pub type BusinessHoursId = TypeSafeId<BusinessHours>;
/// What contacts are told at once.
pub type AutoReplyId = TypeSafeId<AutoReply>;
/// What could not be handled.
pub type DeadLetterId = TypeSafeId<DeadLetter>;

/// Makes a new, time-ordered id.
pub fn new<T: StaticType>() -> TypeSafeId<T> {
    TypeSafeId::from_type_and_uuid(T::default(), Uuid::now_v7())
}

/// Shows a stored UUID as the id of its kind.
pub fn from_uuid<T: StaticType>(uuid: Uuid) -> TypeSafeId<T> {
    TypeSafeId::from_type_and_uuid(T::default(), uuid)
}

/// Reads an id given in the field `field` of a request; the error names that field.
pub fn parse<T: StaticType>(field: &str, text: &str) -> Result<TypeSafeId<T>, Error> {
    TypeSafeId::from_str(text).map_err(|_| {
        Error::invalid(
            "invalid_id",
            format!("`{field}` must be an id like `{}_01h455vb4pex5vsknk084sn02q`", T::TYPE),
        )
        .with_field(field)
    })
}

/// Reads the id of a thing that is looked up: what cannot be an id names nothing, so the answer is `not_found`.
pub fn parse_lookup<T: StaticType>(text: &str) -> Result<TypeSafeId<T>, Error> {
    TypeSafeId::from_str(text).map_err(|_| Error::not_found(T::TYPE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_kind_is_refused_and_the_field_is_named() {
        let id: MessageId = new();
        let error = parse::<Conversation>("conversation_id", &id.to_string()).unwrap_err();
        assert_eq!(error.field(), Some("conversation_id"));
        assert_eq!(parse::<Message>("id", &id.to_string()).unwrap(), id);
        assert_eq!(from_uuid::<Message>(id.uuid()), id);
    }
}
