use axum::{
    Json,
    extract::{Multipart, State},
    response::{IntoResponse as _, Response},
};
use chrono::Utc;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    NUMBER, Simulator,
    refusal::Refusal,
    state::{Sent, State as World, set, written},
};
use crate::address;

const MAX_UNITS: usize = 1000;
const MAX_BYTES: usize = 1_500_000;

#[derive(Deserialize)]
pub(super) struct Wanted {
    from: Number,
    to: Vec<Number>,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Number {
    pub(super) phone_number: String,
}

type File = (String, String, usize);

pub(super) async fn sms(State(simulator): State<Simulator>, Json(wanted): Json<Wanted>) -> Response {
    if wanted.text.trim().is_empty() {
        return refuse(&simulator, Refusal::bad_request("CMN-101", "text"));
    }
    answer(&simulator, wanted, None)
}

pub(super) async fn mms(State(simulator): State<Simulator>, mut form: Multipart) -> Response {
    let (mut wanted, mut file): (Option<Wanted>, Option<File>) = (None, None);
    while let Ok(Some(part)) = form.next_field().await {
        let mime = part.content_type().unwrap_or_default().to_owned();
        let name = part.file_name().unwrap_or_default().to_owned();
        let Ok(bytes) = part.bytes().await else { break };
        if wanted.is_none() && mime == "application/json" {
            wanted = serde_json::from_slice(&bytes).ok();
        } else {
            file = Some((name, mime, bytes.len()));
        }
    }
    match (wanted, file) {
        (Some(wanted), Some(file)) if file.2 <= MAX_BYTES => answer(&simulator, wanted, Some(file)),
        (Some(_), Some(_)) => refuse(&simulator, Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "")),
        _ => refuse(&simulator, Refusal::bad_request("CMN-101", "attachment")),
    }
}

fn answer(simulator: &Simulator, wanted: Wanted, file: Option<File>) -> Response {
    if wanted.from.phone_number != NUMBER {
        return refuse(simulator, Refusal::bad_request("MSG-304", "from"));
    }
    if wanted.to.is_empty() || !wanted.to.iter().all(|to| address::is_number(&to.phone_number)) {
        return refuse(simulator, Refusal::bad_request("CMN-101", "to"));
    }
    if wanted.text.encode_utf16().count() > MAX_UNITS {
        return refuse(simulator, Refusal::bad_request("CMN-101", "text"));
    }
    Json(simulator.world.change(|state| take(state, wanted, file))).into_response()
}

fn refuse(simulator: &Simulator, refusal: Refusal) -> Response {
    simulator.world.change(|state| state.refused += 1);
    refusal.into_response()
}

/// The answer says that it is queued; the store says what became of it.
fn take(state: &mut World, wanted: Wanted, file: Option<File>) -> Value {
    let (id, now) = (state.next_id(), Utc::now());
    let to: Vec<String> = wanted.to.into_iter().map(|to| to.phone_number).collect();
    let error = to.iter().find_map(|number| {
        let customer = state.customers.get(number)?;
        let opted_out = customer.opted_out.then(|| "SMS-RC-413".to_owned());
        opted_out.or_else(|| customer.undelivered.clone())
    });
    let numbers: Vec<Value> = to.iter().map(|number| json!({"phoneNumber": number})).collect();
    let mut message = json!({
        "id": id, "type": "SMS", "direction": "Outbound", "from": {"phoneNumber": NUMBER}, "to": numbers,
        "subject": wanted.text, "messageStatus": "Queued", "availability": "Alive", "readStatus": "Read",
        "creationTime": written(now), "lastModifiedTime": written(now),
        "attachments": [{"id": id, "type": "Text", "contentType": "text/plain"}],
    });
    let answer = message.clone();
    set(&mut message, "messageStatus", if error.is_some() { "DeliveryFailed" } else { "Delivered" });
    if let Some(code) = error {
        set(&mut message, "deliveryErrorCode", code);
    }
    state.record("SMS", now, message);
    state.sent.push(Sent { id: id.to_string(), to, text: wanted.text, file, rang_first: None });
    answer
}

impl Simulator {
    /// The messages and calls that went out so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.world.lock().sent.all()
    }
}
