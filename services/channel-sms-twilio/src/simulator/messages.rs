use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use weft_twilio::errors::OPTED_OUT;

use super::{
    Simulator,
    refusal::Refusal,
    state::{Customer, Sent, State as World},
};
use crate::{
    address::{self, WHATSAPP},
    outbound::segments,
};

const MAX_CHARS: usize = 1600;
const MAX_FILES: usize = 10;
/// Outside WhatsApp's window.
const WINDOW_CLOSED: u32 = 63016;

pub(super) async fn create(State(simulator): State<Simulator>, body: Bytes) -> Response {
    let form = Form(form_urlencoded::parse(&body).into_owned().collect());
    match simulator.take(&form) {
        Ok(answer) => (StatusCode::CREATED, Json(answer)).into_response(),
        Err(refusal) => {
            simulator.world.change(|state| state.refused += 1);
            refusal.into_response()
        }
    }
}

pub(super) async fn list(State(simulator): State<Simulator>) -> Json<Value> {
    let messages: Vec<Value> = simulator.world.lock().sent.iter().rev().map(shown).collect();
    Json(json!({"messages": messages, "next_page_uri": null}))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Typing {
    channel: String,
    message_id: String,
}

pub(super) async fn typing(State(simulator): State<Simulator>, Json(typing): Json<Typing>) -> Response {
    let is_message = typing.message_id.starts_with("SM") || typing.message_id.starts_with("MM");
    if typing.channel != "WHATSAPP" || !is_message {
        return Refusal::bad_request(20001).into_response();
    }
    simulator.world.change(|state| state.typed_after.push(typing.message_id));
    Json(json!({"success": true})).into_response()
}

struct Form(Vec<(String, String)>);

impl Form {
    fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(given, value)| given == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }
}

impl Simulator {
    fn take(&self, form: &Form) -> Result<Value, Refusal> {
        let to = form.get("To").ok_or(Refusal::bad_request(21604))?.to_owned();
        if address::number(&to).is_none() {
            return Err(Refusal::bad_request(21211));
        }
        let from = self.sender(form, &to)?;
        let body = form.get("Body").unwrap_or_default().to_owned();
        let media: Vec<String> = form.all("MediaUrl").map(str::to_owned).collect();
        if body.is_empty() && media.is_empty() {
            return Err(Refusal::bad_request(21602));
        }
        if body.chars().count() > MAX_CHARS {
            return Err(Refusal::bad_request(21617));
        }
        if media.len() > MAX_FILES {
            return Err(Refusal::bad_request(21623));
        }
        let is_web = |url: &String| Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !media.iter().all(is_web) {
            return Err(Refusal::bad_request(21620));
        }
        let callback = form.get("StatusCallback").and_then(|url| Url::parse(url).ok());
        self.world.change(|state| {
            let customer = state.customers.entry(to.clone()).or_default().clone();
            if customer.opted_out.contains(&from) {
                return Err(Refusal::bad_request(OPTED_OUT));
            }
            let sid = state.next_sid(if media.is_empty() { "SM" } else { "MM" });
            let segments = segments::segments(&body);
            let sent = Sent { sid, to: to.clone(), from: from.clone(), body, media, segments };
            let answer = shown(&sent);
            report(state, &sent, &customer, callback.as_ref(), &self.settings.account_sid);
            state.sent.push(sent);
            Ok(answer)
        })
    }

    fn sender(&self, form: &Form, to: &str) -> Result<String, Refusal> {
        let settings = &self.settings;
        let prefix = if to.starts_with(WHATSAPP) { WHATSAPP } else { "" };
        let own = format!("{prefix}{}", settings.number);
        match (form.get("MessagingServiceSid"), form.get("From")) {
            (Some(sid), _) if sid == settings.messaging_service_sid => Ok(own),
            (Some(_), _) => Err(Refusal::bad_request(21703)),
            (None, Some(from)) if from == own => Ok(own),
            (None, Some(_)) => Err(Refusal::bad_request(21606)),
            (None, None) => Err(Refusal::bad_request(21603)),
        }
    }
}

fn shown(sent: &Sent) -> Value {
    json!({
        "sid": sent.sid, "status": "queued", "direction": "outbound-api", "from": sent.from, "to": sent.to,
        "body": sent.body, "num_segments": sent.segments.to_string(), "num_media": sent.media.len().to_string(),
        "error_code": null, "error_message": null,
    })
}

/// What becomes of a message.
fn report(state: &mut World, sent: &Sent, customer: &Customer, callback: Option<&Url>, account: &str) {
    let is_whatsapp = sent.to.starts_with(WHATSAPP);
    let closed = (is_whatsapp && !customer.wrote).then_some(WINDOW_CLOSED);
    let failed = customer.undelivered.or(closed);
    let mut steps: Vec<&str> = match failed {
        Some(_) => vec!["queued", "sent", "undelivered"],
        None if is_whatsapp => vec!["queued", "sent", "delivered", "read"],
        None => vec!["queued", "sent", "delivered"],
    };
    if state.oddities.swapped_statuses {
        steps.reverse();
    }
    for status in steps {
        let mut fields = vec![
            ("MessageSid", sent.sid.clone()),
            ("SmsSid", sent.sid.clone()),
            ("MessageStatus", status.to_owned()),
            ("SmsStatus", status.to_owned()),
            ("To", sent.to.clone()),
            ("From", sent.from.clone()),
            ("AccountSid", account.to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
        ];
        if let Some(code) = failed.filter(|_| status == "undelivered") {
            fields.push(("ErrorCode", code.to_string()));
        }
        let owned = fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        state.push(callback.cloned(), owned);
    }
}

impl Simulator {
    /// The messages sent so far.
    pub fn sent(&self) -> Vec<Sent> {
        self.world.lock().sent.all()
    }
}
