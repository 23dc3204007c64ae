//! What visitors see of a message: everything is left out that is not named here.

use serde_json::{Map, Value, json};
use weft_channel::Outbound;
use weft_domain::Result;
use weft_proto::{
    conversation::v1::{Message, content, message},
    json::message_to_value,
};

use crate::room::Room;

const FIELDS: [&str; 12] = [
    "id",
    "seq",
    "direction",
    "kind",
    "text",
    "attachments",
    "location",
    "contact_card",
    "buttons",
    "edited_at",
    "deleted_at",
    "created_at",
];

/// A message as its visitor may see it; none when it is our side's alone.
pub(crate) fn message(room: &Room, message: &Message) -> Result<Option<Value>> {
    if message.direction() == message::Direction::Internal {
        return Ok(None);
    }
    let Value::Object(mut whole) = message_to_value(message)? else { return Ok(None) };
    let mut shown: Map<String, Value> =
        FIELDS.iter().filter_map(|name| Some(((*name).to_owned(), whole.remove(*name)?))).collect();
    let author = whole.remove("author").unwrap_or_default();
    let part = |name: &str| author.get(name).cloned().unwrap_or_default();
    shown.insert("author".to_owned(), json!({"kind": part("kind"), "name": part("name")}));
    let own = message.provider_message_id.as_deref().and_then(|id| id.split_once(':'));
    let client_id = own.filter(|(visitor, _)| *visitor == room.visitor.to_string()).map(|(_, id)| id);
    shown.insert("client_id".to_owned(), client_id.into());
    Ok(Some(Value::Object(shown)))
}

/// A message on its way to the visitor.
pub(crate) fn outbound(room: &Room, sent: &Outbound) -> Result<Option<Value>> {
    let whole = Message {
        id: sent.message_id.clone(),
        seq: sent.seq,
        direction: message::Direction::Outbound.into(),
        author: sent.author.clone(),
        kind: content::Kind::Text.into(),
        text: sent.text.clone(),
        buttons: sent.buttons.clone(),
        created_at: sent.created_at,
        ..Message::default()
    };
    message(room, &whole)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use weft_domain::id;
    use weft_proto::conversation::v1::{Author, author};

    use super::*;

    #[test]
    fn a_visitor_sees_who_answers_by_name_and_nothing_of_our_side() {
        let room = Room { tenant: id::new(), channel: id::new(), visitor: Uuid::now_v7() };
        let client_id = Uuid::now_v7();
        let whole = Message {
            id: "msg_x".into(),
            conversation_id: "conv_secret".into(),
            author: Some(Author {
                kind: author::Kind::Agent.into(),
                id: "user_secret".into(),
                name: "Ada".into(),
            }),
            direction: message::Direction::Outbound.into(),
            state_reason: Some("secret".into()),
            provider_message_id: Some(room.message_id(client_id)),
            text: "<b>hi</b>".into(),
            ..Message::default()
        };
        let shown = message(&room, &whole).unwrap().unwrap();
        assert!(!shown.to_string().contains("secret"));
        assert_eq!(shown["author"], json!({"kind": "agent", "name": "Ada"}));
        assert_eq!(
            (shown["text"].as_str(), shown["client_id"].as_str()),
            (Some("<b>hi</b>"), Some(&*client_id.to_string()))
        );
        let note = Message { direction: message::Direction::Internal.into(), ..whole };
        assert_eq!(message(&room, &note).unwrap(), None);
    }
}
