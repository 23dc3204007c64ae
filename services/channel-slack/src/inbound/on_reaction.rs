use weft_channel::{Event, Inbound, Reaction as Reacted, ReceiveError, Received, inbound};

use super::{
    instant,
    place::{Place, message_id, person},
    wrong,
};
use crate::{
    emoji,
    wire::{Item, Reaction, Wrapped},
};

/// Somebody reacted to a message, or took that back.
pub(super) fn reacted(
    wrapped: &Wrapped,
    reaction: &Reaction,
    removed: bool,
) -> Result<Received, ReceiveError> {
    let Item::Message { channel, ts } = &reaction.item else {
        return Ok(Received::ignored("reaction_to_file", "it is not to a message"));
    };
    if wrapped.is_us(&reaction.user) {
        return Ok(Received::ignored("of_an_app", "apps do not talk with apps"));
    }
    let at = instant(&reaction.event_ts).ok_or_else(|| wrong("its time is none"))?;
    // Slack does not say in which thread of a channel; the message's id does
    let place = Place { channel, channel_type: "", root: ts };
    let (thread, sender) = place.thread(Some(person(&reaction.user)));
    let emoji = emoji::named(&reaction.reaction).unwrap_or_else(|| format!(":{}:", reaction.reaction));
    let what = Event::Reaction(Reacted { message_id: message_id(channel, ts), emoji, removed, only: false });
    Ok(Received::event(Inbound { sender, ..inbound::event(&wrapped.event_id, at, thread, what) }))
}
