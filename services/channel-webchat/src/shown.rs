//! What visitors see of a message: everything is left out that is not named here.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use weft_channel::{Attachment, Outbound};
use weft_crypto::sign::MacKey;
use weft_domain::{Result, id};
use weft_proto::{
    conversation::v1::{Message, attachment, content, message},
    json::message_to_value,
};

use crate::{file_link, room::Room};

const FIELDS: [&str; 12] = [
    "id",
    "seq",
    "direction",
    "kind",
    "text",
    "rich",
    "location",
    "contact_card",
    "buttons",
    "edited_at",
    "deleted_at",
    "created_at",
];

/// For whom something is shown, and when.
pub(crate) struct Eye<'a> {
    pub(crate) room: &'a Room,
    /// What links to files are signed with.
    pub(crate) key: &'a MacKey,
    pub(crate) now: DateTime<Utc>,
    /// Our side has read everything up to here.
    pub(crate) read_seq: u64,
}

impl Eye<'_> {
    /// A message as its visitor may see it; none when it is our side's alone.
    pub(crate) fn message(&self, message: &Message) -> Result<Option<Value>> {
        if message.direction() == message::Direction::Internal {
            return Ok(None);
        }
        let Value::Object(mut whole) = message_to_value(message)? else { return Ok(None) };
        let mut shown: Map<String, Value> =
            FIELDS.iter().filter_map(|name| Some(((*name).to_owned(), whole.remove(*name)?))).collect();
        let author = whole.remove("author").unwrap_or_default();
        let part = |name: &str| author.get(name).cloned().unwrap_or_default();
        shown.insert("author".to_owned(), json!({"kind": part("kind"), "name": part("name")}));
        let attachments: Result<Vec<Value>> =
            message.attachments.iter().map(|file| self.attachment(file)).collect();
        shown.insert("attachments".to_owned(), attachments?.into());
        let own = message.provider_message_id.as_deref().and_then(|id| id.split_once(':'));
        let client_id =
            own.filter(|(visitor, _)| *visitor == self.room.visitor.to_string()).map(|(_, id)| id);
        shown.insert("client_id".to_owned(), client_id.into());
        let reactions = message.reactions.iter().map(|reaction| {
            let kind = reaction.author.as_ref().map(|author| author.kind().as_str_name());
            json!({"emoji": reaction.emoji, "author": {"kind": kind}})
        });
        shown.insert("reactions".to_owned(), reactions.collect());
        shown.insert("read".to_owned(), self.is_read(message).into());
        Ok(Some(Value::Object(shown)))
    }

    /// A message on its way to the visitor.
    pub(crate) fn outbound(&self, sent: &Outbound) -> Result<Option<Value>> {
        let kind = match sent {
            Outbound { attachments, .. } if !attachments.is_empty() => content::Kind::Attachment,
            Outbound { location: Some(_), .. } => content::Kind::Location,
            Outbound { contact_card: Some(_), .. } => content::Kind::ContactCard,
            _ => content::Kind::Text,
        };
        let whole = Message {
            id: sent.message_id.clone(),
            seq: sent.seq,
            direction: message::Direction::Outbound.into(),
            author: sent.author.clone(),
            kind: kind.into(),
            text: sent.text.clone(),
            rich: sent.rich.clone(),
            attachments: sent.attachments.clone(),
            location: sent.location.clone(),
            contact_card: sent.contact_card.clone(),
            buttons: sent.buttons.clone(),
            created_at: sent.created_at,
            ..Message::default()
        };
        self.message(&whole)
    }

    fn attachment(&self, file: &Attachment) -> Result<Value> {
        let url = match id::parse_lookup::<id::File>(&file.id) {
            Ok(id) => Some(file_link::path(self.key, self.room, id, self.now)?),
            // it has not come yet, or never will
            Err(_) => None,
        };
        Ok(json!({
            "kind": file.kind().as_str_name(),
            "name": file.name,
            "mime": file.mime,
            "size": file.size,
            "state": attachment::State::as_str_name(&file.state()),
            "url": url,
        }))
    }

    /// Whether whom it is for has read it.
    fn is_read(&self, message: &Message) -> bool {
        match message.direction() {
            message::Direction::Outbound => message.state() == message::State::Read,
            _ => message.seq <= self.read_seq,
        }
    }
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
        let key = MacKey::generate();
        let eye = Eye { room: &room, key: &key, now: Utc::now(), read_seq: 0 };
        let client_id = Uuid::now_v7();
        let file = Attachment {
            id: id::new::<id::File>().to_string(),
            name: "map.pdf".into(),
            mime: "application/pdf".into(),
            size: 7,
            state: attachment::State::Available.into(),
            detail: "secret".into(),
            ..Attachment::default()
        };
        let whole = Message {
            id: "msg_x".into(),
            conversation_id: "conv_secret".into(),
            author: Some(Author {
                kind: author::Kind::Agent.into(),
                id: "user_secret".into(),
                name: "Ada".into(),
            }),
            direction: message::Direction::Outbound.into(),
            state: message::State::Read.into(),
            state_reason: Some("secret".into()),
            provider_message_id: Some(room.message_id(client_id)),
            text: "<b>hi</b>".into(),
            attachments: vec![file],
            ..Message::default()
        };
        let shown = eye.message(&whole).unwrap().unwrap();
        assert!(!shown.to_string().contains("secret"));
        assert_eq!(shown["author"], json!({"kind": "agent", "name": "Ada"}));
        assert_eq!(
            (shown["text"].as_str(), shown["client_id"].as_str()),
            (Some("<b>hi</b>"), Some(&*client_id.to_string()))
        );
        assert_eq!((&shown["attachments"][0]["name"], &shown["read"]), (&json!("map.pdf"), &json!(true)));
        let path = format!("/webchat/{}/files/", room.channel);
        assert!(shown["attachments"][0]["url"].as_str().unwrap().starts_with(&path));
        let note = Message { direction: message::Direction::Internal.into(), ..whole };
        assert_eq!(eye.message(&note).unwrap(), None);
    }
}
