use axum::{
    Form, Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;
use url::Url;
use weft_twilio::is_number;

use super::{
    Simulator,
    routes::refuse,
    script::{self, Element},
};

/// A call of ours: whom it reached and what they heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Spoken {
    /// Its SID.
    pub sid: String,
    /// Who was called.
    pub to: String,
    /// What they heard.
    pub words: String,
    /// Whom they were connected with.
    pub connected_with: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Wanted {
    #[serde(default)]
    to: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    twiml: String,
    status_callback: Option<String>,
}

/// Takes a call; whoever is called answers.
pub(super) async fn create(State(simulator): State<Simulator>, Form(wanted): Form<Wanted>) -> Response {
    if let Some(code) = simulator.world.change(|state| state.refusal.take()) {
        return refuse(StatusCode::BAD_REQUEST, code);
    }
    let script = script::document(&wanted.twiml).filter(|_| wanted.twiml.chars().count() <= 4000);
    let code = match (&script, is_number(&wanted.to), wanted.from == simulator.settings.number) {
        (_, false, _) => Some(if wanted.to.is_empty() { 21201 } else { 21211 }),
        (_, _, false) => Some(21212),
        (None, ..) => Some(21205),
        _ => None,
    };
    let Some(script) = script.filter(|_| code.is_none()) else {
        return refuse(StatusCode::BAD_REQUEST, code.unwrap_or(21205));
    };
    let of = |name: &'static str| script.iter().filter(move |one| one.name == name);
    let words = of("Say").map(Element::text).chain(of("Play").map(|one| format!("[{}]", one.text())));
    let words = words.collect::<Vec<_>>().join(" ");
    let dial = of("Dial").next();
    let dialled = dial.and_then(|dial| script::read(&dial.inner)?.first().map(Element::text));
    let reached = dial.and_then(|dial| Url::parse(dial.attribute("action")?).ok());
    let sid = simulator.world.change(|state| {
        let (sid, is_unanswered) = (state.next_sid("CA"), state.unanswered);
        let to = wanted.to.clone();
        state.spoken.push(Spoken { sid: sid.clone(), to, words, connected_with: dialled });
        let of_call = [
            ("CallSid", sid.as_str()),
            ("From", &wanted.from),
            ("To", &wanted.to),
            ("Direction", "outbound-api"),
        ];
        let mut tell = |url: Url, more: &[(&str, &str)]| {
            let fields = of_call.iter().chain(more);
            let fields = fields.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            state.pushes.push_back((url, fields));
        };
        if let Some(url) = reached {
            let became = if is_unanswered { "no-answer" } else { "completed" };
            tell(url, &[("CallStatus", "in-progress"), ("DialCallStatus", became)]);
        }
        if let Some(url) = wanted.status_callback.as_deref().and_then(|url| Url::parse(url).ok()) {
            let ended = [
                ("CallStatus", "completed"),
                ("CallDuration", "12"),
                ("CallbackSource", "call-progress-events"),
            ];
            tell(url, &ended);
        }
        sid
    });
    let body = json!({"sid": sid, "status": "queued", "direction": "outbound-api", "from": wanted.from, "to": wanted.to});
    (StatusCode::CREATED, Json(body)).into_response()
}

impl Simulator {
    /// The calls of ours.
    pub fn spoken(&self) -> Vec<Spoken> {
        self.world.lock().spoken.all()
    }

    /// Refuses the next call of ours with this code.
    pub fn refuse_next(&self, code: u32) {
        self.world.change(|state| state.refusal = Some(code));
    }

    /// Lets nobody answer whom our telephone is to be connected with.
    pub fn answer_no_more(&self) {
        self.world.change(|state| state.unanswered = true);
    }
}
