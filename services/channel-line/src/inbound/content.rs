use serde_json::Value;
use weft_channel::{Location, Media, MessageReceived, attachment::Kind};

use crate::wire::{Content, ContentProvider, Message};

/// What a message says; `raw` is its event.
pub(super) fn of(message: Message, raw: &Value) -> MessageReceived {
    let id = message.id;
    let content = match message.content {
        Content::Text { text } => MessageReceived { text, ..MessageReceived::default() },
        Content::Image { content_provider } => {
            file(Kind::Image, reference(&id, content_provider), format!("image_{id}.jpg"), "image/jpeg")
        }
        Content::Video { content_provider } => {
            file(Kind::Video, reference(&id, content_provider), format!("video_{id}.mp4"), "video/mp4")
        }
        Content::Audio { content_provider } => {
            file(Kind::Audio, reference(&id, content_provider), format!("audio_{id}.m4a"), "audio/mp4")
        }
        Content::File { file_name, file_size } => {
            let mut message = file(Kind::File, id.clone(), file_name, "");
            message.media.iter_mut().for_each(|media| media.size = file_size);
            message
        }
        Content::Location { title, address, latitude, longitude } => MessageReceived {
            location: Some(Location { latitude, longitude, title, address }),
            ..MessageReceived::default()
        },
        // LINE gives no picture of it, only what it is about
        Content::Sticker { text, keywords } => {
            MessageReceived { text: text.unwrap_or_else(|| keywords.join(", ")), ..unsupported(raw) }
        }
        Content::Other => unsupported(raw),
    };
    MessageReceived { id, reply_to: message.quoted_message_id, ..content }
}

fn reference(id: &str, provider: ContentProvider) -> String {
    provider.original_content_url.unwrap_or_else(|| id.to_owned())
}

fn file(kind: Kind, reference: String, name: String, mime: &str) -> MessageReceived {
    let media = Media {
        unique_id: reference.clone(),
        reference,
        kind: kind.into(),
        name,
        mime: mime.to_owned(),
        ..Media::default()
    };
    MessageReceived { media: vec![media], ..MessageReceived::default() }
}

fn unsupported(raw: &Value) -> MessageReceived {
    let message = raw.get("message").unwrap_or(&Value::Null);
    let kind = message.get("type").and_then(Value::as_str).unwrap_or_default();
    MessageReceived {
        unsupported: Some(kind.to_owned()),
        raw: Some(message.to_string()),
        ..MessageReceived::default()
    }
}
