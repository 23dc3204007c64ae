use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use chrono::{TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ACCOUNT, DESK, EXTENSION, NUMBER, Simulator,
    messages::Number,
    refusal::Refusal,
    state::{Sent, State as World, written},
    store::CALLS,
};
use crate::address;

/// How long simulated people talk.
const SECONDS: i64 = 42;

#[derive(Deserialize)]
pub(super) struct Wanted {
    from: Number,
    to: Number,
}

/// A call, as its events and its entry in the log have it.
pub(super) struct Played<'a> {
    pub(super) contact: &'a str,
    pub(super) name: &'a str,
    pub(super) is_outbound: bool,
    /// What happens, each with its reason.
    pub(super) steps: &'a [(&'a str, &'a str)],
    pub(super) result: &'a str,
    pub(super) is_missed: bool,
}

/// Rings a telephone of the extension, then the contact: both answer, talk and hang up.
pub(super) async fn ring_out(State(simulator): State<Simulator>, Json(wanted): Json<Wanted>) -> Response {
    let (ours, contact) = (wanted.from.phone_number, wanted.to.phone_number);
    if ours != DESK {
        return Refusal::bad_request("CMN-101", "from").into_response();
    }
    if !address::is_number(&contact) {
        return Refusal::bad_request("CMN-101", "to").into_response();
    }
    let id = simulator.world.change(|state| {
        let id = state.next_id();
        state.play_call(&Played {
            contact: &contact,
            name: "",
            is_outbound: true,
            steps: &[("Setup", ""), ("Proceeding", ""), ("Answered", ""), ("Disconnected", "CallFinished")],
            result: "Call connected",
            is_missed: false,
        });
        let (text, to) = (String::new(), vec![contact]);
        state.sent.push(Sent { id: id.to_string(), to, text, file: None, rang_first: Some(ours) });
        id
    });
    let status =
        json!({"callStatus": "InProgress", "callerStatus": "InProgress", "calleeStatus": "InProgress"});
    let uri = format!("/restapi/v1.0/account/~/extension/~/ring-out/{id}");
    Json(json!({"id": id, "uri": uri, "status": status})).into_response()
}

impl World {
    /// Plays a call: its events, in order or backwards, and what the log then has; gives the session's id.
    pub(super) fn play_call(&mut self, call: &Played<'_>) -> String {
        let (number, now) = (self.next_id(), Utc::now());
        let session = format!("s-{number:x}");
        let own = json!({"phoneNumber": NUMBER, "extensionId": EXTENSION, "name": "Support"});
        let other = match (call.contact, call.name) {
            ("", _) => json!({}),
            (contact, "") => json!({"phoneNumber": contact}),
            (contact, name) => json!({"phoneNumber": contact, "name": name}),
        };
        let (from, to, direction) =
            if call.is_outbound { (own, other, "Outbound") } else { (other, own, "Inbound") };
        let step = |(sequence, (code, reason)): (usize, &(&str, &str))| {
            let status = json!({"code": code, "reason": reason, "rcc": false});
            let missed = call.is_missed && *code == "Disconnected";
            json!({
                "sequence": sequence + 1, "sessionId": number.to_string(), "telephonySessionId": session,
                "eventTime": written(now), "accountId": ACCOUNT, "origin": {"type": "Call"},
                "parties": [{
                    "accountId": ACCOUNT, "extensionId": EXTENSION, "id": format!("p-{number:x}-1"),
                    "direction": direction, "from": from, "to": to, "status": status, "missedCall": missed,
                    "standAlone": false, "muted": false, "queueCall": false,
                }],
            })
        };
        let mut events: Vec<Value> = call.steps.iter().enumerate().map(step).collect();
        if self.oddities.backwards {
            events.reverse();
        }
        events.iter().for_each(|event| self.tell("/telephony/sessions", event));
        let entry = json!({
            "id": format!("log-{number}"), "sessionId": number.to_string(), "telephonySessionId": session,
            "startTime": written(now - TimeDelta::seconds(SECONDS)), "duration": SECONDS, "type": "Voice",
            "direction": direction, "action": "Phone Call", "result": call.result, "from": from, "to": to,
        });
        self.record(CALLS, now, entry);
        session
    }
}
