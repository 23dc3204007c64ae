use weft_channel::{
    Event, Inbound, MessageReceived, Reachability, Reaction, ReceiveError, Received, WebhookCall, inbound,
};

use super::{
    consent::{self, Wish},
    content::content,
    thread,
};
use weft_twilio::Fields;

use crate::Account;

/// Somebody wrote.
pub(super) fn received(
    account: &Account,
    call: &WebhookCall,
    fields: &Fields,
    sid: &str,
) -> Result<Received, ReceiveError> {
    let thread = thread(fields, "From")?;
    // Twilio's webhook says nothing of when
    let at = call.received_at;
    let event = |key: String, what| inbound::event(key, at, thread.clone(), what);
    let Some(what) = what(fields, sid) else {
        return Ok(Received::ignored("empty_message", "it has no content"));
    };
    let mut events: Vec<Inbound> = vec![event(sid.to_owned(), what)];
    if let Some(wish) = consent::wish(account, fields, &thread.id) {
        let change = match wish {
            Wish::OptOut => {
                Reachability { reachable: false, reason: "the contact opted out by a word".to_owned() }
            }
            Wish::OptIn => Reachability { reachable: true, reason: String::new() },
        };
        events.push(event(format!("{sid}:consent"), Event::Reachability(change)));
    }
    Ok(Received { events, ..Received::default() })
}

fn what(fields: &Fields, sid: &str) -> Option<Event> {
    let answered = fields.get("OriginalRepliedMessageSid");
    if let (Some("reaction"), Some(message_id)) = (fields.get("MessageType"), answered) {
        let emoji = fields.get("Body").unwrap_or_default().to_owned();
        let removed = emoji.is_empty();
        return Some(Event::Reaction(Reaction {
            message_id: message_id.to_owned(),
            emoji,
            removed,
            only: false,
        }));
    }
    let content = content(fields, sid)?;
    Some(Event::Message(MessageReceived {
        id: sid.to_owned(),
        reply_to: answered.map(str::to_owned),
        ..content
    }))
}
