use weft_channel::{Event, Inbound, MessageReceived, ReceiveError, Received, inbound};

use super::{
    content::content,
    instant,
    place::{Place, message_id, person},
    wrong,
};
use crate::{
    Account,
    wire::{Message, Said, Wrapped},
};

/// Somebody wrote.
pub(super) fn said(
    account: &Account,
    wrapped: &Wrapped,
    message: &Message,
) -> Result<Received, ReceiveError> {
    let said = &message.said;
    let Some(author) = author(wrapped, said) else {
        return Ok(Received::ignored("of_an_app", "apps do not talk with apps"));
    };
    let at = instant(&said.ts).ok_or_else(|| wrong("its time is none"))?;
    let place = place(message, said);
    let (thread, sender) = place.thread(Some(person(author)));
    let id = message_id(&message.channel, &said.ts);
    let received = MessageReceived {
        id: id.clone(),
        // a thread in a channel is a conversation of its own: there all answer its first message
        reply_to: quoted(said).filter(|_| place.is_direct()).map(|ts| message_id(&message.channel, ts)),
        ..content(account, wrapped, said)
    };
    if received == (MessageReceived { id: id.clone(), ..MessageReceived::default() }) {
        return Ok(Received::ignored("empty_message", "it has no content"));
    }
    // a mention comes twice, as two events of one message
    Ok(Received::event(Inbound { sender, ..inbound::event(id, at, thread, Event::Message(received)) }))
}

/// Whose it is; none, when an app said it.
pub(super) fn author<'a>(wrapped: &Wrapped, said: &'a Said) -> Option<&'a str> {
    let is_of_app = said.bot_id.is_some() || said.subtype.as_deref() == Some("bot_message");
    said.user.as_deref().filter(|user| !is_of_app && !wrapped.is_us(user) && *user != "USLACKBOT")
}

pub(super) fn place<'a>(message: &'a Message, said: &'a Said) -> Place<'a> {
    Place {
        channel: &message.channel,
        channel_type: &message.channel_type,
        root: said.thread_ts.as_deref().unwrap_or(&said.ts),
    }
}

fn quoted(said: &Said) -> Option<&str> {
    said.thread_ts.as_deref().filter(|root| *root != said.ts)
}
