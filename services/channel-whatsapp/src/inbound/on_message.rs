use serde_json::Value;
use weft_channel::{
    ConversationStarted, Event, Inbound, MessageDeleted, MessageEdited, MessageReceived, Products, Reaction,
    ReceiveError, Received, Thread, ThreadMoved, inbound, products::Section,
};

use super::{
    content::shown,
    people::{recipient, sender},
    read,
};
use crate::wire::{Contact, Message, Product, System};

/// The contact wrote or did something.
pub(super) fn received(raw: &Value, contacts: &[Contact]) -> Result<Received, ReceiveError> {
    let message: Message = read(raw)?;
    if message.group_id.is_some() {
        return Ok(Received::ignored("group", "groups are not taken"));
    }
    let thread = sender(&message, contacts)?;
    if message.content.kind == "system" {
        return system(&message, thread);
    }
    let event = event(&message, thread, what(&message, raw))?;
    Ok(Received {
        events: referral(&message, &event).into_iter().chain([event]).collect(),
        ..Received::default()
    })
}

/// Somebody of the business wrote in its own app.
pub(super) fn echoed(raw: &Value, contacts: &[Contact]) -> Result<Received, ReceiveError> {
    let message: Message = read(raw)?;
    let thread = recipient(&message, contacts)?;
    match what(&message, raw) {
        Event::Message(content) => {
            let content = MessageReceived { from_us: true, ..content };
            Ok(Received::event(event(&message, thread, Event::Message(content))?))
        }
        _ => Ok(Received::ignored("echo", "it is no message")),
    }
}

fn what(message: &Message, raw: &Value) -> Event {
    let content = &message.content;
    match (content.kind.as_str(), &content.reaction, &content.edit, &content.revoke) {
        ("reaction", Some(reaction), ..) => Event::Reaction(Reaction {
            message_id: reaction.message_id.clone(),
            emoji: reaction.emoji.clone(),
            removed: reaction.emoji.is_empty(),
            only: true,
        }),
        ("edit", _, Some(edit), _) => {
            let id = edit.original_message_id.clone();
            Event::Edited(MessageEdited {
                message: Some(MessageReceived { id, ..shown(&edit.message, raw) }),
            })
        }
        ("revoke", _, _, Some(revoke)) => {
            Event::Deleted(MessageDeleted { id: revoke.original_message_id.clone() })
        }
        _ => Event::Message(written(message, raw)),
    }
}

fn written(message: &Message, raw: &Value) -> MessageReceived {
    let content = shown(&message.content, raw);
    let context = message.context.as_ref();
    let product = context.and_then(|context| context.referred_product.as_ref());
    MessageReceived {
        id: message.id.clone(),
        text: match product {
            Some(product) => format!("[{}]\n{}", product.product_retailer_id, content.text).trim().to_owned(),
            None => content.text,
        },
        products: product.map(asked_about),
        // a forwarded message has a context without an id
        reply_to: context.and_then(|context| context.id.clone()),
        ..content
    }
}

fn asked_about(product: &Product) -> Products {
    let section = Section { items: vec![product.product_retailer_id.clone()], ..Section::default() };
    Products { catalog_id: product.catalog_id.clone(), sections: vec![section], ..Products::default() }
}

/// An advertisement that led here opens the conversation; the message itself is as any other.
fn referral(message: &Message, event: &Inbound) -> Option<Inbound> {
    let referral = message.referral.as_ref()?;
    let started = ConversationStarted { payload: serde_json::to_string(referral).ok()? };
    Some(Inbound {
        key: format!("{}:referral", message.id),
        event: Some(Event::Started(started)),
        ..event.clone()
    })
}

fn system(message: &Message, thread: Thread) -> Result<Received, ReceiveError> {
    let new_number = |system: &System| {
        let number = system.wa_id.clone().filter(|number| !number.is_empty());
        number.filter(|_| matches!(system.kind.as_str(), "user_changed_number" | "customer_changed_number"))
    };
    let Some(new_id) = message.content.system.as_ref().and_then(new_number) else {
        return Ok(Received::ignored("system", "a notice, nobody wrote it"));
    };
    // who has an id besides the number keeps it
    let is_number = thread.contact.as_ref().is_some_and(|person| person.phone.is_some())
        && message.from.as_deref() == Some(thread.id.as_str());
    if !is_number || new_id == thread.id {
        return Ok(Received::ignored("system", "the number changed, the contact's id did not"));
    }
    Ok(Received::event(event(
        message,
        thread,
        Event::Moved(ThreadMoved { new_id, ..ThreadMoved::default() }),
    )?))
}

fn event(message: &Message, thread: Thread, what: Event) -> Result<Inbound, ReceiveError> {
    Ok(inbound::event(&message.id, message.timestamp.time()?, thread, what))
}
