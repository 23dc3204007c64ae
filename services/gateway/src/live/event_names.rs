//! Which message of `weft.events.v1` an event's body is.

use prost_reflect::{DeserializeOptions, DynamicMessage, MessageDescriptor};
use serde_json::Value;
use weft_domain::{Error, Result};
use weft_proto::{POOL, json};

const PACKAGE: &str = "weft.events.v1";

/// `AgentAvailabilityUpdated` for `agent_availability.updated`.
pub(super) fn of_event(name: &str) -> Option<MessageDescriptor> {
    let message: String = name.split(['.', '_']).map(capitalised).collect();
    POOL.get_message_by_name(&format!("{PACKAGE}.{message}"))
}

/// `TypingSeen` for `typing`: a live subject names only what it is about.
pub(super) fn of_live(name: &str) -> Option<MessageDescriptor> {
    let entity = Some(capitalised(name)).filter(|entity| !entity.is_empty())?;
    let is_it = |message: &MessageDescriptor| {
        let change = message.name().strip_prefix(&entity);
        change.is_some_and(|rest| rest.starts_with(char::is_uppercase))
    };
    POOL.all_messages().filter(|message| message.package_name() == PACKAGE).find(is_it)
}

/// A body as REST would show it. What is unknown is left out (BUS-12).
pub(super) fn show(descriptor: MessageDescriptor, body: &[u8]) -> Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let lenient = DeserializeOptions::new().deny_unknown_fields(false);
    let message = DynamicMessage::deserialize_with_options(descriptor, &mut deserializer, &lenient)
        .map_err(|error| Error::invalid("unreadable_event", error.to_string()))?;
    json::to_value(&message)
}

/// The conversation a body belongs to, if to one.
pub(super) fn conversation_of(body: &Value) -> Option<&str> {
    let places =
        ["/conversation_id", "/message/conversation_id", "/conversation/id", "/answer/conversation_id"];
    places.iter().find_map(|place| body.pointer(place)?.as_str()).filter(|id| !id.is_empty())
}

/// The user whose availability a body tells of, if it does.
pub(super) fn agent_of(body: &Value) -> Option<&str> {
    body.pointer("/agent/user_id")?.as_str().filter(|id| !id.is_empty())
}

/// The user of whom a body tells whether they are there, if it does.
pub(super) fn person_of(body: &Value) -> Option<&str> {
    body.get("who")?.as_str().filter(|id| !id.is_empty())
}

/// Whether a body tells of a view, of a team, of words or steps at hand, of a change to many conversations, or of contacts that are
/// taken from a file or written into one.
pub(super) fn is_of_the_desk(body: &Value) -> bool {
    let places = [
        "/view/id",
        "/view_id",
        "/canned_reply/id",
        "/macro/id",
        "/bulk_action/id",
        "/team/id",
        "/contact_import/id",
        "/contact_export/id",
    ];
    places.iter().any(|place| body.pointer(place).is_some())
}

/// Whether a body tells somebody of what they should know of.
pub(super) fn is_notice(body: &Value) -> bool {
    body.get("unread_count").is_some() && only_for(body).is_some()
}

/// The only user whose concern a body is, if it is one's alone.
pub(super) fn only_for(body: &Value) -> Option<&str> {
    body.get("user_id")?.as_str().filter(|id| !id.is_empty())
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_found_by_the_name_of_its_event() {
        assert_eq!(of_event("message.created").unwrap().name(), "MessageCreated");
        assert_eq!(of_event("channelkind.announced").unwrap().name(), "ChannelkindAnnounced");
        assert_eq!(of_event("agent_availability.updated").unwrap().name(), "AgentAvailabilityUpdated");
        assert_eq!(of_live("typing").unwrap().name(), "TypingSeen");
        assert!(of_event("message.teleported").is_none() && of_live("").is_none());
    }

    #[test]
    fn a_body_is_shown_as_rest_shows_it_whatever_it_holds_besides() {
        let body = br#"{"message":{"conversation_id":"conv_x","state":"teleported","later":1},"more":{}}"#;
        let shown = show(of_event("message.created").unwrap(), body).unwrap();
        assert_eq!(conversation_of(&shown), Some("conv_x"));
        assert_eq!((&shown["message"]["location"], &shown["message"]["text"]), (&Value::Null, &"".into()));
    }
}
