use weft_channel::{
    DeliveryReport, Event, Reachability, ReceiveError, Received, WebhookCall, delivery_report::State, inbound,
};

use super::thread;
use weft_twilio::{
    Fields,
    errors::{self, OPTED_OUT},
};

/// Something became of a message of ours.
pub(super) fn reported(
    call: &WebhookCall,
    fields: &Fields,
    sid: &str,
    status: &str,
) -> Result<Received, ReceiveError> {
    let code = fields.number::<u32>("ErrorCode").filter(|code| *code != 0);
    let (state, reason) = match status {
        "sent" | "partially_delivered" => (State::Sent, String::new()),
        "delivered" => (State::Delivered, String::new()),
        "read" => (State::Read, String::new()),
        "failed" | "undelivered" => (State::Failed, errors::failure(code)),
        "canceled" => (State::Failed, "it was cancelled before it was sent".to_owned()),
        _ => return Ok(Received::ignored("status_on_the_way", "it says nothing new about the message")),
    };
    let thread = thread(fields, "To")?;
    let at = call.received_at;
    let report = DeliveryReport {
        id: sid.to_owned(),
        state: state.into(),
        reason,
        code: code.map(|code| code.to_string()).unwrap_or_default(),
        ..DeliveryReport::default()
    };
    let mut events =
        vec![inbound::event(format!("{sid}:{status}"), at, thread.clone(), Event::Report(report))];
    if code == Some(OPTED_OUT) {
        let change = Reachability { reachable: false, reason: "the contact opted out by a word".to_owned() };
        events.push(inbound::event(format!("{sid}:consent"), at, thread, Event::Reachability(change)));
    }
    Ok(Received { events, ..Received::default() })
}
