use serde_json::Value;
use weft_channel::{
    DeliveryReport, Event, Inbound, ReceiveError, Received, Thread, ThreadMoved, delivery_report::State,
    inbound,
};

use super::{people::is_user_id, read};
use crate::{errors, wire::Status};

/// What became of a message of ours. They come in any order, and some do not come.
pub(super) fn reported(raw: &Value) -> Result<Received, ReceiveError> {
    let status: Status = read(raw)?;
    if status.recipient_type.as_deref() == Some("group") {
        return Ok(Received::ignored("group", "groups are not taken"));
    }
    let state = match status.status.as_str() {
        "sent" => State::Sent,
        "delivered" => State::Delivered,
        // a recording that was played has been seen
        "read" | "played" => State::Read,
        "failed" => State::Failed,
        _ => return Ok(Received::ignored("unknown_status", "this state is not known")),
    };
    let id = status.recipient_user_id.as_ref().or(status.recipient_id.as_ref());
    let id = id.ok_or_else(|| ReceiveError { why: "it does not say who was written to".to_owned() })?;
    let at = status.timestamp.time()?;
    let fault = status.errors.first();
    let report = DeliveryReport {
        id: status.id.clone(),
        state: state.into(),
        reason: fault.map(errors::reason).unwrap_or_default(),
        code: fault.map(|fault| fault.code.to_string()).unwrap_or_default(),
        ..DeliveryReport::default()
    };
    let key = format!("{}:{}", status.id, status.status);
    let report = inbound::event(key, at, bare(id), Event::Report(report));
    let moved = moved(&status).filter(|_| state == State::Sent);
    let moved = moved.map(|(from, what)| inbound::event(format!("moved:{from}:{id}"), at, bare(from), what));
    let events: Vec<Inbound> = moved.into_iter().chain([report]).collect();
    Ok(Received { events, ..Received::default() })
}

/// Whoever was written to by number answers with an id: the first state of a message tells both.
fn moved(status: &Status) -> Option<(&str, Event)> {
    let (number, user) = (status.recipient_id.as_deref()?, status.recipient_user_id.as_ref()?);
    let new_id = user.clone();
    (!is_user_id(number) && !number.is_empty() && is_user_id(user))
        .then_some((number, Event::Moved(ThreadMoved { new_id, ..ThreadMoved::default() })))
}

fn bare(id: &str) -> Thread {
    Thread { id: id.to_owned(), ..Thread::default() }
}
