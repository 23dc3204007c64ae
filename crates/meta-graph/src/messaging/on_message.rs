use serde::Serialize;
use serde_json::Value;
use weft_channel::{
    ConversationStarted, Event, Inbound, MessageDeleted, MessageEdited, MessageReceived, Reaction as Reacted,
    Received,
};
use weft_domain::id;

use super::{
    content::shown,
    inbound::{Own, Scene},
    wire::{Edit, Message, Postback, Reaction, Referral},
};
use crate::Stamp;

/// Somebody wrote, or took back what they wrote.
pub(super) fn received(own: &Own<'_>, scene: &Scene, message: Message, raw: &Value) -> Received {
    let mid = message.mid.clone();
    if message.is_deleted {
        let deleted = Event::Deleted(MessageDeleted { id: mid.clone() });
        return Received::event(scene.event(format!("{mid}:deleted"), deleted));
    }
    if scene.from_us {
        return echoed(own, scene, &message, raw);
    }
    let led =
        message.referral.as_ref().and_then(|referral| started(scene, format!("{mid}:referral"), referral));
    let content = MessageReceived {
        postback: message.quick_reply.as_ref().and_then(|chosen| chosen.payload.clone()),
        ..shown(&message, raw)
    };
    let event = scene.event(mid, Event::Message(content));
    Received { events: led.into_iter().chain([event]).collect(), ..Received::default() }
}

/// What we sent comes back, and so does what a person answers in Meta's own inbox.
fn echoed(own: &Own<'_>, scene: &Scene, message: &Message, raw: &Value) -> Received {
    let ours = message.metadata.as_deref().filter(|metadata| is_ours(metadata));
    let by_this_app = matches!((&message.app_id, own.app_id), (Some(app), Some(own)) if is(app, own));
    if ours.is_none() && by_this_app {
        return Received::ignored("echo_of_ours", "it says again what was sent from here");
    }
    let content = MessageReceived { from_us: true, echo_of: ours.map(str::to_owned), ..shown(message, raw) };
    Received::event(scene.event(message.mid.clone(), Event::Message(content)))
}

/// Whether this is the id of a message of ours, or of a part of one.
fn is_ours(metadata: &str) -> bool {
    let message = metadata.split('.').next().unwrap_or_default();
    id::parse::<id::Message>("metadata", message).is_ok()
}

fn is(app: &Stamp, id: &str) -> bool {
    match app {
        Stamp::Text(text) => text == id,
        Stamp::Number(number) => number.to_string() == id,
    }
}

/// Somebody changed what they wrote.
pub(super) fn edited(scene: &Scene, edit: Edit) -> Received {
    let count = match edit.num_edit {
        Some(Stamp::Text(text)) => text,
        Some(Stamp::Number(number)) => number.to_string(),
        None => scene.at.timestamp_millis().to_string(),
    };
    let key = format!("{}:edit:{count}", edit.mid);
    let message = MessageReceived {
        id: edit.mid,
        text: edit.text,
        from_us: scene.from_us,
        ..MessageReceived::default()
    };
    Received::event(scene.event(key, Event::Edited(MessageEdited { message: Some(message) })))
}

/// Somebody set a reaction, or took it back.
pub(super) fn reacted(scene: &Scene, reaction: Reaction) -> Received {
    if scene.from_us {
        return Received::ignored("own_reaction", "our own side set it");
    }
    let removed = reaction.action == "unreact";
    let key = format!("{}:{}", scene.key(&reaction.action), reaction.mid);
    let emoji = reaction.emoji.or(reaction.reaction).unwrap_or_default();
    Received::event(
        scene.event(key, Event::Reaction(Reacted { message_id: reaction.mid, emoji, removed, only: true })),
    )
}

/// Somebody touched a button.
pub(super) fn chosen(scene: &Scene, postback: Postback) -> Received {
    let key = postback.mid.clone().unwrap_or_else(|| scene.key("postback"));
    let label = if postback.title.is_empty() { postback.payload.clone() } else { Some(postback.title) };
    let led =
        postback.referral.as_ref().and_then(|referral| started(scene, format!("{key}:referral"), referral));
    let message = MessageReceived {
        id: key.clone(),
        text: label.unwrap_or_default(),
        postback: postback.payload,
        from_us: scene.from_us,
        ..MessageReceived::default()
    };
    let event = scene.event(key, Event::Message(message));
    Received { events: led.into_iter().chain([event]).collect(), ..Received::default() }
}

/// Somebody came without a word: through a link, an advertisement, an opt-in.
pub(super) fn came(scene: &Scene, kind: &str, how: &impl Serialize) -> Received {
    let payload = serde_json::to_string(how).unwrap_or_default();
    Received::event(scene.event(scene.key(kind), Event::Started(ConversationStarted { payload })))
}

/// What led to a message opens the conversation; a product that it is about does not.
fn started(scene: &Scene, key: String, referral: &Referral) -> Option<Inbound> {
    let payload = serde_json::to_string(referral).ok().filter(|payload| payload != "{}")?;
    Some(scene.event(key, Event::Started(ConversationStarted { payload })))
}
