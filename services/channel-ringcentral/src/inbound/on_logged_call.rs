use chrono::{DateTime, TimeDelta, Utc};
use weft_channel::{
    Call, Event, Media, MessageReceived, ReceiveError, Received, Thread,
    attachment::Kind,
    call::{Outcome, State},
    inbound,
};

use super::{
    on_call::{about, other_end},
    time,
};
use crate::{
    Account,
    wire::{LoggedCall, Recording},
};

/// A call that is over, as the call log has it: this is the last word about it.
pub(crate) fn logged(
    account: &Account,
    call: &LoggedCall,
    came: DateTime<Utc>,
) -> Result<Received, ReceiveError> {
    if call.kind == "Fax" {
        return Ok(Received::ignored("fax", "it is not a call"));
    }
    let outcome = match call.result.as_str() {
        "" | "In Progress" => return Ok(Received::ignored("call_on_the_way", "it is not over")),
        "Accepted" | "Call connected" => Outcome::Answered,
        "Voicemail" => Outcome::Voicemail,
        _ => Outcome::Missed,
    };
    let id = call.telephony_session_id.as_ref().or(call.session_id.as_ref());
    let id = id.ok_or_else(|| ReceiveError { why: "it names no call".to_owned() })?.0.as_str();
    let Some(thread) = other_end(account, &call.direction, &call.from, &call.to) else {
        return Ok(Received::ignored("internal_call", "it is between telephones of ours"));
    };
    let begun = time(&call.start_time, came);
    let ended = begun + TimeDelta::seconds(i64::from(call.duration));
    let told = Call {
        state: State::Ended.into(),
        outcome: outcome.into(),
        seconds: call.duration,
        ..Call::default()
    };
    let key = format!("call:{id}:log:{}:{}", call.result, call.duration);
    let mut received = Received::event(about(key, begun, thread.clone(), id, &call.direction, told));
    if let Some(recording) = call.recording.as_ref().filter(|_| account.recordings) {
        received.append(recorded(recording, id, thread, ended));
    }
    Ok(received)
}

/// What was recorded answers the call.
fn recorded(recording: &Recording, call: &str, thread: Thread, at: DateTime<Utc>) -> Received {
    let id = format!("recording:{}", recording.id.0);
    let media = Media {
        reference: recording.content_uri.clone(),
        kind: Kind::Voice.into(),
        name: "recording.mp3".to_owned(),
        mime: "audio/mpeg".to_owned(),
        unique_id: id.clone(),
        ..Media::default()
    };
    let message = MessageReceived {
        id: id.clone(),
        reply_to: Some(call.to_owned()),
        media: vec![media],
        ..MessageReceived::default()
    };
    Received::event(inbound::event(id, at, thread, Event::Message(message)))
}
