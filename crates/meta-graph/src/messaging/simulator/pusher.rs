use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::HeaderName;
use serde_json::{Value, json};
use tokio::time::Instant;
use url::Url;
use weft_http::Request;

use super::{Settings, Simulator, state::State};
use crate::{
    escaped,
    hub::{SIGNATURE, signature},
};

const TIMEOUT: Duration = Duration::from_secs(20);
/// How many events go with one call when several wait.
const TOGETHER: usize = 10;
/// So often a call comes once more although it was taken.
const REPEATED: u64 = 10;
/// So often a time is in seconds.
const IN_SECONDS: u64 = 8;
/// The longest wait between two tries, in seconds.
const MAX_WAIT: u32 = 3600;

/// One thing that a webhook is told.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    account: String,
    at: DateTime<Utc>,
    fields: Value,
}

/// What waits to be delivered: an event, or a call that has failed.
#[derive(Debug)]
pub(super) struct Delivery {
    happenings: Vec<Happening>,
    attempts: u32,
    not_before: Option<Instant>,
}

impl Happening {
    /// Something that a customer did.
    pub(super) fn to_us(settings: &Settings, customer: &str, at: DateTime<Utc>, what: Value) -> Self {
        Self::between(settings, customer, &settings.account, at, what)
    }

    /// Something that the business did.
    pub(super) fn from_us(settings: &Settings, customer: &str, at: DateTime<Utc>, what: Value) -> Self {
        Self::between(settings, &settings.account, customer, at, what)
    }

    fn between(settings: &Settings, from: &str, to: &str, at: DateTime<Utc>, what: Value) -> Self {
        let mut fields = json!({
            "sender": {"id": from},
            "recipient": {"id": to},
            "timestamp": at.timestamp_millis(),
        });
        if let (Some(fields), Value::Object(what)) = (fields.as_object_mut(), what) {
            fields.extend(what);
        }
        Self { account: settings.account.clone(), at, fields }
    }
}

impl State {
    pub(super) fn push(&mut self, mut happening: Happening) {
        if self.next().is_multiple_of(IN_SECONDS)
            && let Some(fields) = happening.fields.as_object_mut()
        {
            fields.insert("timestamp".to_owned(), json!(happening.at.timestamp()));
        }
        self.queue.push_back(Delivery { happenings: vec![happening], attempts: 0, not_before: None });
    }

    /// The next call and where to, if one is due; or else when to look again.
    fn take(&mut self) -> Result<(Url, Delivery), Option<Instant>> {
        self.in_flight = false;
        let url = self.webhook.clone().filter(|_| self.subscribed).ok_or(None)?;
        let now = Instant::now();
        let is_due = |delivery: &Delivery| delivery.not_before.is_none_or(|at| at <= now);
        let Some(place) = self.queue.iter().position(is_due) else {
            return Err(self.queue.iter().filter_map(|delivery| delivery.not_before).min());
        };
        let mut delivery = self.queue.remove(place).ok_or(None)?;
        // a call that failed comes again as it was
        let is_fresh = |next: &Delivery| next.attempts == 0;
        while is_fresh(&delivery) && delivery.happenings.len() < TOGETHER {
            if !self.queue.get(place).is_some_and(is_fresh) {
                break;
            }
            let next = self.queue.remove(place);
            delivery.happenings.extend(next.into_iter().flat_map(|next| next.happenings));
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
    let bytes = body(&simulator.settings, &delivery.happenings);
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

fn body(settings: &Settings, happenings: &[Happening]) -> Bytes {
    let entry = |happening: &Happening| {
        let time = happening.at.timestamp_millis();
        json!({"id": happening.account, "time": time, "messaging": [happening.fields]})
    };
    escaped(&json!({"object": settings.object, "entry": happenings.iter().map(entry).collect::<Vec<_>>()}))
}
