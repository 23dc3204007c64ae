use std::time::Duration;

use bytes::Bytes;
use http::HeaderName;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};
use weft_http::Request;

use super::{SECRET, Simulator, state::State};
use crate::verify::{SIGNATURE, TIMESTAMP, signature};

const CHALLENGE: &str = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P";
/// At once, after a minute, after five; here a minute passes fast.
const AGAIN: [Duration; 3] = [Duration::ZERO, Duration::from_millis(200), Duration::from_secs(1)];
const TIMEOUT: Duration = Duration::from_secs(3);

/// What the app is told.
pub(super) enum Push {
    Event(Value),
    /// What a person did with a button: comes as a form, and once.
    Interaction(Value),
}

/// Delivers what happens, in its order.
pub(super) async fn run(simulator: &Simulator) {
    loop {
        let next = |state: &mut State| if state.webhook.is_some() { state.pushes.pop_front() } else { None };
        match simulator.world.wait(next).await {
            Push::Event(event) => deliver(simulator, &event).await,
            Push::Interaction(payload) => {
                let form = form(&payload);
                post(simulator, "application/x-www-form-urlencoded", form, None).await.ok();
            }
        }
    }
}

fn form(payload: &Value) -> Bytes {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("payload", &payload.to_string());
    form.finish().into()
}

async fn deliver(simulator: &Simulator, event: &Value) {
    let body = Bytes::from(event.to_string());
    let mut failed = post(simulator, "application/json", body.clone(), None).await.err();
    for (number, wait) in (1..).zip(AGAIN) {
        let Some(reason) = failed else { return };
        tokio::time::sleep(wait).await;
        failed = post(simulator, "application/json", body.clone(), Some((number, reason))).await.err();
    }
}

/// Asks the address to give a challenge back.
pub(super) async fn greet(simulator: &Simulator, url: &Url) -> bool {
    let body = json!({"token": "deprecated", "challenge": CHALLENGE, "type": "url_verification"}).to_string();
    let request = signed(url, "application/json", body.into());
    match simulator.client.send(request).await {
        Ok(answer) => answer.status == 200 && answer.body == CHALLENGE,
        Err(_) => false,
    }
}

async fn post(
    simulator: &Simulator,
    kind: &str,
    body: Bytes,
    retry: Option<(u32, &'static str)>,
) -> Result<(), &'static str> {
    let url = simulator.world.lock().webhook.clone();
    let Some(url) = url else { return Err("connection_failed") };
    let mut request = signed(&url, kind, body);
    if let Some((number, reason)) = retry {
        request = request
            .header(HeaderName::from_static("x-slack-retry-num"), &number.to_string())
            .header(HeaderName::from_static("x-slack-retry-reason"), reason);
    }
    match simulator.client.send(request).await {
        Ok(answer) if answer.status.is_success() => Ok(()),
        Ok(_) => Err("http_error"),
        Err(_) => Err("connection_failed"),
    }
}

fn signed(url: &Url, kind: &str, body: Bytes) -> Request {
    let timestamp = chrono::Utc::now().timestamp().to_string();
    let signature = signature(SECRET, timestamp.as_bytes(), &body);
    Request::post(url.as_str())
        .header(HeaderName::from_static(TIMESTAMP), &timestamp)
        .header(HeaderName::from_static(SIGNATURE), &signature)
        .bytes(kind, body)
        .timeout(TIMEOUT)
}
