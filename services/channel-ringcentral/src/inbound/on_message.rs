use chrono::{DateTime, Utc};
use weft_channel::{
    DeliveryReport, Event, Inbound, Media, MessageReceived, ReceiveError, Received, Thread, attachment::Kind,
    delivery_report::State, inbound,
};

use super::{consent, on_voicemail, time};
use crate::{
    Account, address, errors,
    wire::{Party, StoredFile, StoredMessage},
};

/// A message of the message store, by webhook or found there.
pub(crate) fn stored(
    account: &Account,
    message: &StoredMessage,
    came: DateTime<Utc>,
) -> Result<Received, ReceiveError> {
    if matches!(message.availability.as_str(), "Deleted" | "Purged") {
        return Ok(Received::ignored("deleted_message", "it was deleted in RingCentral"));
    }
    match (message.kind.as_str(), message.direction.as_str()) {
        ("SMS", _) if !account.purpose.takes_messages() => Ok(not_for_this_channel()),
        ("SMS", "Inbound") => received(account, message, came),
        ("SMS", "Outbound") => reported(account, message, came),
        ("VoiceMail", _) if !account.purpose.takes_calls() => Ok(not_for_this_channel()),
        ("VoiceMail", _) => on_voicemail::received(account, message, came),
        _ => Ok(Received::ignored("other_message", "it is neither an SMS nor a voicemail")),
    }
}

pub(super) fn not_for_this_channel() -> Received {
    Received::ignored("other_purpose", "it is not what this channel is for")
}

/// Somebody wrote.
fn received(
    account: &Account,
    message: &StoredMessage,
    came: DateTime<Utc>,
) -> Result<Received, ReceiveError> {
    let is_own = |party: &&Party| party.number() == Some(account.from_number.as_str());
    if !message.to.iter().any(|party| is_own(&party)) {
        return Ok(Received::ignored("other_number", "it went to another number of the extension"));
    }
    let id = &message.id.0;
    let others: Vec<&Party> =
        std::iter::once(&message.from).chain(message.to.iter().filter(|party| !is_own(party))).collect();
    let thread = address::thread(&others).filter(|_| message.from.number().is_some());
    let thread = thread.ok_or_else(|| ReceiveError { why: "it does not say who wrote".to_owned() })?;
    let media: Vec<Media> = message
        .attachments
        .iter()
        .filter(|file| file.kind == "MmsAttachment")
        .map(|file| media(file, None))
        .collect();
    if message.subject.trim().is_empty() && media.is_empty() {
        return Ok(Received::ignored("empty_message", "it has no content"));
    }
    let at = time(&message.creation_time, came);
    let is_direct = others.len() == 1;
    let event = |key: String, what: Event| Inbound {
        sender: if is_direct { None } else { address::person(&message.from) },
        ..inbound::event(key, at, thread.clone(), what)
    };
    let content = MessageReceived {
        id: id.clone(),
        text: message.subject.clone(),
        media,
        ..MessageReceived::default()
    };
    let mut events = vec![event(format!("message:{id}"), Event::Message(content))];
    let wish = consent::wish(&message.subject).filter(|_| account.opt_out_words && is_direct);
    events.extend(wish.map(|wish| event(format!("message:{id}:consent"), Event::Reachability(wish))));
    Ok(Received { events, ..Received::default() })
}

/// Something became of a message of ours, or of one that somebody wrote in RingCentral's own app.
fn reported(
    account: &Account,
    message: &StoredMessage,
    came: DateTime<Utc>,
) -> Result<Received, ReceiveError> {
    if message.from.number() != Some(account.from_number.as_str()) {
        return Ok(Received::ignored("other_number", "it came from another number of the extension"));
    }
    let (id, status, code) = (&message.id.0, &message.message_status, &message.delivery_error_code);
    let (state, reason) = match status.as_str() {
        "Sent" => (State::Sent, ""),
        "Delivered" => (State::Delivered, ""),
        "DeliveryFailed" | "SendingFailed" => (State::Failed, errors::of_delivery(code)),
        _ => return Ok(Received::ignored("status_on_the_way", "it says nothing new about the message")),
    };
    let others: Vec<&Party> = message.to.iter().collect();
    let thread: Thread =
        address::thread(&others).ok_or_else(|| ReceiveError { why: "it has no recipient".to_owned() })?;
    let at = time(&message.last_modified_time, came);
    let report = DeliveryReport {
        id: id.clone(),
        state: state.into(),
        reason: reason.to_owned(),
        code: code.clone(),
        ..DeliveryReport::default()
    };
    let mut events =
        vec![inbound::event(format!("report:{id}:{status}"), at, thread.clone(), Event::Report(report))];
    if errors::is_opt_out(code) && others.len() == 1 {
        let change = Event::Reachability(consent::opted_out());
        events.push(inbound::event(format!("report:{id}:consent"), at, thread, change));
    }
    Ok(Received { events, ..Received::default() })
}

/// A file that RingCentral holds; a recorded message where that is `known`.
pub(super) fn media(file: &StoredFile, known: Option<Kind>) -> Media {
    let mime = file.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind = known.unwrap_or(match mime.split('/').next() {
        Some("image") => Kind::Image,
        Some("video") => Kind::Video,
        Some("audio") => Kind::Audio,
        _ => Kind::File,
    });
    Media {
        reference: file.uri.clone(),
        kind: kind.into(),
        name: format!("{}_{}.{}", kind.as_str_name(), file.id.0, inbound::extension(&mime)),
        mime,
        size: file.size,
        unique_id: file.id.0.clone(),
    }
}
