use std::time::Duration;

use bytes::Bytes;
use http::HeaderName;
use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;
use weft_http::Request;
use weft_meta_graph::{
    escaped,
    hub::{SIGNATURE, signature},
};

use super::{Settings, Simulator, state::State};

const TIMEOUT: Duration = Duration::from_secs(20);
/// How many changes go with one call when several wait.
const TOGETHER: usize = 10;
/// So often a call comes once more although it was taken.
const REPEATED: u64 = 10;
/// The longest wait between two tries, in seconds.
const MAX_WAIT: u32 = 3600;

/// One thing that a webhook is told.
#[derive(Clone, Debug)]
pub(super) struct Change {
    entry: String,
    change: Value,
}

/// What waits to be delivered: a change, or a call that has failed.
#[derive(Debug)]
pub(super) struct Delivery {
    changes: Vec<Change>,
    attempts: u32,
    not_before: Option<Instant>,
}

impl Change {
    fn new(settings: &Settings, rest: Value) -> Self {
        let mut value = json!({"messaging_product": "whatsapp", "metadata": settings.metadata()});
        if let (Some(fields), Value::Object(rest)) = (value.as_object_mut(), rest) {
            fields.extend(rest);
        }
        Self { entry: settings.waba_id.clone(), change: json!({"field": "messages", "value": value}) }
    }

    pub(super) fn message(settings: &Settings, contact: Value, message: Value) -> Self {
        Self::new(settings, json!({"contacts": [contact], "messages": [message]}))
    }

    pub(super) fn status(settings: &Settings, status: Value) -> Self {
        Self::new(settings, json!({"statuses": [status]}))
    }

    /// A decision about a template, which is of no number.
    pub(super) fn template(settings: &Settings, template: &Value, event: &str) -> Self {
        let value = json!({
            "event": event,
            "message_template_id": template.get("id"),
            "message_template_name": template.get("name"),
            "message_template_language": template.get("language"),
            "reason": "NONE",
        });
        let change = json!({"field": "message_template_status_update", "value": value});
        Self { entry: settings.waba_id.clone(), change }
    }

    /// A change of another number of the same app.
    pub(super) fn elsewhere(entry: &str, phone_number_id: &str, message: Value) -> Self {
        let metadata = json!({"display_phone_number": "12025550199", "phone_number_id": phone_number_id});
        let value = json!({"messaging_product": "whatsapp", "metadata": metadata, "messages": [message]});
        Self { entry: entry.to_owned(), change: json!({"field": "messages", "value": value}) }
    }
}

impl State {
    pub(super) fn push(&mut self, change: Change) {
        self.queue.push_back(Delivery { changes: vec![change], attempts: 0, not_before: None });
    }

    /// The next call and where to, if one is due; or else when to look again.
    fn take(&mut self) -> Result<(Url, Delivery), Option<Instant>> {
        self.in_flight = false;
        let url = self.webhook.clone().ok_or(None)?;
        let now = Instant::now();
        let is_due = |delivery: &Delivery| delivery.not_before.is_none_or(|at| at <= now);
        let Some(place) = self.queue.iter().position(is_due) else {
            return Err(self.queue.iter().filter_map(|delivery| delivery.not_before).min());
        };
        let mut delivery = self.queue.remove(place).ok_or(None)?;
        // a call that failed comes again as it was
        let is_fresh = |next: &Delivery| next.attempts == 0;
        while is_fresh(&delivery) && delivery.changes.len() < TOGETHER {
            if !self.queue.get(place).is_some_and(is_fresh) {
                break;
            }
            let next = self.queue.remove(place);
            delivery.changes.extend(next.into_iter().flat_map(|next| next.changes));
        }
        self.in_flight = true;
        Ok((url, delivery))
    }
}

/// Delivers what waits, one call after the other.
pub(super) async fn run(simulator: &Simulator) {
    let mut calls = 0_u64;
    loop {
        let (url, delivery) = simulator.world.wait_until_due(State::take).await;
        calls += 1;
        deliver(simulator, url.as_str(), delivery, calls.is_multiple_of(REPEATED)).await;
    }
}

async fn deliver(simulator: &Simulator, url: &str, delivery: Delivery, twice: bool) {
    let bytes = body(&delivery.changes);
    let mut failed = post(simulator, url, bytes.clone()).await.err();
    if twice && failed.is_none() {
        failed = post(simulator, url, bytes).await.err();
    }
    simulator.world.change(|state| {
        state.in_flight = false;
        let Some(why) = failed else { return };
        state.last_webhook_error = Some(why);
        let attempts = delivery.attempts + 1;
        let seconds = 2_u32.checked_pow(attempts - 1).unwrap_or(MAX_WAIT).min(MAX_WAIT);
        let not_before = Instant::now() + simulator.settings.second.saturating_mul(seconds);
        state.queue.push_front(Delivery { attempts, not_before: Some(not_before), ..delivery });
    });
}

async fn post(simulator: &Simulator, url: &str, body: Bytes) -> Result<(), String> {
    let signed = signature(&simulator.settings.app_secret, &body);
    let request = Request::post(url)
        .header(HeaderName::from_static(SIGNATURE), &signed)
        .bytes("application/json", body)
        .timeout(TIMEOUT);
    match simulator.client.send(request).await {
        Ok(answer) if answer.status == http::StatusCode::OK => Ok(()),
        Ok(answer) => Err(format!("the webhook answered {}", answer.status)),
        Err(error) => Err(error.to_string()),
    }
}

fn body(changes: &[Change]) -> Bytes {
    let entries: Vec<Value> =
        changes.iter().map(|change| json!({"id": change.entry, "changes": [change.change]})).collect();
    escaped(&json!({"object": "whatsapp_business_account", "entry": entries}))
}
