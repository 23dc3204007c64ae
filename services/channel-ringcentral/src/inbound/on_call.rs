use chrono::{DateTime, Utc};
use weft_channel::{
    Call, Event, Inbound, MessageEdited, MessageReceived, ReceiveError, Received, Thread,
    call::{Outcome, State},
    inbound,
};

use super::{on_message::not_for_this_channel, time};
use crate::{
    Account, address,
    wire::{CallParty, Id, Party, TelephonySession},
};

/// Something happens in a call: the leg of our own extension says what.
pub(super) fn told(
    account: &Account,
    session: &TelephonySession,
    owner: Option<&Id>,
    came: DateTime<Utc>,
) -> Result<Received, ReceiveError> {
    if !account.purpose.takes_calls() {
        return Ok(not_for_this_channel());
    }
    let is_own = |party: &&CallParty| party.extension_id.is_some() && party.extension_id.as_ref() == owner;
    let Some(leg) = session.parties.iter().find(is_own).or_else(|| session.parties.first()) else {
        return Err(ReceiveError { why: "nobody takes part in it".to_owned() });
    };
    let (state, outcome) = match (leg.status.code.as_str(), leg.status.reason.as_str()) {
        // a machine talks to the caller; whether a message is left, the call log says
        ("Setup" | "Proceeding" | "VoiceMail" | "VoiceMailScreening", _) => {
            (State::Ringing, Outcome::Unspecified)
        }
        ("Answered" | "Hold" | "Parked", _) => (State::Talking, Outcome::Unspecified),
        // a colleague took it
        ("Disconnected", "Pickup") => (State::Ended, Outcome::Answered),
        ("Disconnected", _) => (State::Ended, Outcome::Unspecified),
        _ => return Ok(Received::ignored("call_on_the_way", "it says nothing new about the call")),
    };
    let Some(thread) = other_end(account, &leg.direction, &leg.from, &leg.to) else {
        return Ok(Received::ignored("internal_call", "it is between telephones of ours"));
    };
    let call = Call { state: state.into(), outcome: outcome.into(), ..Call::default() };
    let id = &session.telephony_session_id.0;
    let key = format!("call:{id}:{}", session.sequence);
    let at = time(&session.event_time, came);
    Ok(Received::event(about(key, at, thread, id, &leg.direction, call)))
}

/// The contact in a call.
pub(super) fn other_end(account: &Account, direction: &str, from: &Party, to: &Party) -> Option<Thread> {
    match direction {
        "Outbound" => Some(to).filter(|to| to.number().is_some()).and_then(|to| address::caller(account, to)),
        _ => address::caller(account, from),
    }
}

/// What is known of a call. News of one call come in any order, and the first to come makes the message, whichever it is: all
/// are changes of it.
pub(super) fn about(
    key: String,
    at: DateTime<Utc>,
    thread: Thread,
    id: &str,
    direction: &str,
    call: Call,
) -> Inbound {
    let from_us = direction == "Outbound";
    let text = if from_us { "Outgoing call" } else { "Incoming call" };
    let message = MessageReceived {
        id: id.to_owned(),
        text: text.to_owned(),
        from_us,
        call: Some(call),
        ..MessageReceived::default()
    };
    inbound::event(key, at, thread, Event::Edited(MessageEdited { message: Some(message) }))
}
