use chrono::{DateTime, Utc};
use weft_channel::{
    Event, Inbound, MessageDeleted, MessageEdited, MessageReceived, ReceiveError, Received, inbound,
};

use super::{
    content::content,
    instant,
    on_message::{author, place},
    place::{Place, message_id, person},
    wrong,
};
use crate::{
    Account,
    wire::{Message, Wrapped},
};

/// A message is another now. Slack says so also when it shows a preview, or counts answers.
pub(super) fn changed(
    account: &Account,
    wrapped: &Wrapped,
    change: &Message,
) -> Result<Received, ReceiveError> {
    let new = change.message.as_ref().ok_or_else(|| wrong("it does not say what the message is now"))?;
    if new.subtype.as_deref() == Some("tombstone") {
        return gone(wrapped, change, &new.ts, new.thread_ts.as_deref());
    }
    let Some(author) = author(wrapped, new) else {
        return Ok(Received::ignored("of_an_app", "apps do not talk with apps"));
    };
    let is_same = change.previous_message.as_ref().is_some_and(|old| old.text == new.text);
    if new.edited.is_none() || is_same {
        return Ok(Received::ignored("not_an_edit", "its words are the same"));
    }
    let (thread, sender) = place(change, new).thread(Some(person(author)));
    let id = message_id(&change.channel, &new.ts);
    let message = MessageReceived { id, ..content(account, wrapped, new) };
    let edited = Event::Edited(MessageEdited { message: Some(message) });
    let event = inbound::event(&wrapped.event_id, at(wrapped, change)?, thread, edited);
    Ok(Received::event(Inbound { sender, ..event }))
}

/// A message was taken back, whoever wrote it.
pub(super) fn deleted(wrapped: &Wrapped, change: &Message) -> Result<Received, ReceiveError> {
    let ts = change.deleted_ts.as_deref().ok_or_else(|| wrong("it does not say which message is gone"))?;
    let root = change.previous_message.as_ref().and_then(|old| old.thread_ts.as_deref());
    gone(wrapped, change, ts, root)
}

fn gone(wrapped: &Wrapped, change: &Message, ts: &str, root: Option<&str>) -> Result<Received, ReceiveError> {
    let root = root.unwrap_or(ts);
    let place = Place { channel: &change.channel, channel_type: &change.channel_type, root };
    let author = change.previous_message.as_ref().and_then(|old| author(wrapped, old));
    let (thread, sender) = place.thread(author.map(person));
    let deleted = Event::Deleted(MessageDeleted { id: message_id(&change.channel, ts) });
    let event = inbound::event(&wrapped.event_id, at(wrapped, change)?, thread, deleted);
    Ok(Received::event(Inbound { sender, ..event }))
}

fn at(wrapped: &Wrapped, change: &Message) -> Result<DateTime<Utc>, ReceiveError> {
    instant(&change.said.ts)
        .or_else(|| DateTime::from_timestamp(wrapped.event_time, 0))
        .ok_or_else(|| wrong("its time is none"))
}
