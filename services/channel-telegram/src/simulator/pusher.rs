use std::time::Duration;

use futures::{StreamExt as _, stream::FuturesUnordered};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::Value;
use tokio::time::Instant;
use weft_channel::{ProviderCall, Transport as _};

use super::{Simulator, state::State, updates::QueueKey};
use crate::SECRET_HEADER;

const TIMEOUT: Duration = Duration::from_secs(60);
/// The longest wait that `Retry-After` can ask for, in seconds.
const MAX_RETRY_AFTER: u64 = 3600;
/// A webhook that answers 410 for so long is removed.
const GONE: Duration = Duration::from_hours(23);

/// One delivery, and how it went.
struct Pushed {
    key: QueueKey,
    update_id: i64,
    outcome: Result<(), Failed>,
}

struct Failed {
    why: String,
    gone: bool,
    retry_after: Option<u64>,
}

/// Delivers updates: one after the other within a chat, chats side by side.
pub(super) async fn run(simulator: &Simulator) {
    let mut in_flight = FuturesUnordered::new();
    loop {
        let busy = in_flight.len();
        tokio::select! {
            Some(pushed) = in_flight.next() => finish(simulator, pushed),
            calls = simulator.world.wait_until_due(|state| due(state, busy)) => {
                in_flight.extend(calls.into_iter().map(|(key, call, id)| push(simulator, key, call, id)));
            }
        }
    }
}

/// What can go now, marked as in flight; or else when to look again.
fn due(state: &mut State, in_flight: usize) -> Result<Vec<(QueueKey, ProviderCall, i64)>, Option<Instant>> {
    state.updates.expire();
    let State { updates, webhook, .. } = state;
    let url = webhook.url.as_ref().ok_or(None)?;
    let now = Instant::now();
    let mut due = Vec::new();
    let mut next: Option<Instant> = None;
    for (key, queue) in &mut updates.queues {
        let Some(update) = queue.updates.front() else { continue };
        if queue.in_flight || in_flight + due.len() >= webhook.max_connections {
            continue;
        }
        if let Some(instant) = queue.not_before.filter(|instant| *instant > now) {
            next = Some(next.map_or(instant, |earliest| earliest.min(instant)));
            continue;
        }
        queue.in_flight = true;
        let mut call = ProviderCall::post(url.clone(), "webhook").json(update.body.clone()).timeout(TIMEOUT);
        let secret = webhook.secret.as_ref().and_then(|secret| HeaderValue::from_str(secret).ok());
        if let Some(secret) = secret {
            call = call.header(HeaderName::from_static(SECRET_HEADER), secret);
        }
        due.push((*key, call, update.id));
    }
    if due.is_empty() { Err(next) } else { Ok(due) }
}

async fn push(simulator: &Simulator, key: QueueKey, call: ProviderCall, update_id: i64) -> Pushed {
    let outcome = match simulator.transport.call(call).await {
        Ok(reply) if reply.status.is_success() => Ok(()),
        Ok(reply) => Err(Failed {
            why: format!("Wrong response from the webhook: {}", reply.status),
            gone: reply.status == StatusCode::GONE,
            retry_after: reply.retry_after().map(|wait| wait.as_secs()),
        }),
        Err(error) => Err(Failed { why: error.to_string(), gone: false, retry_after: None }),
    };
    Pushed { key, update_id, outcome }
}

fn finish(simulator: &Simulator, pushed: Pushed) {
    let (now, second) = (simulator.now(), simulator.settings.second);
    simulator.world.change(|state| {
        let Some(queue) = state.updates.queues.get_mut(&pushed.key) else { return };
        queue.in_flight = false;
        // it may have been dropped meanwhile
        let Some(update) = queue.updates.front_mut().filter(|update| update.id == pushed.update_id) else {
            return;
        };
        match pushed.outcome {
            Ok(()) => {
                queue.updates.pop_front();
                queue.not_before = None;
                state.webhook.gone_since = None;
            }
            Err(failed) => {
                update.attempts += 1;
                let seconds = wait(update.attempts, failed.retry_after);
                queue.not_before = Some(Instant::now() + second.saturating_mul(seconds));
                state.webhook.last_error = Some((now, failed.why));
                note_gone(state, failed.gone);
            }
        }
    });
}

/// Seconds until the next try: none after the first, then doubled up to a minute or two.
fn wait(attempts: u32, retry_after: Option<u64>) -> u32 {
    if let Some(seconds) = retry_after {
        return u32::try_from(seconds.min(MAX_RETRY_AFTER)).unwrap_or(u32::MAX);
    }
    if attempts <= 1 {
        return 0;
    }
    let doubled = 2_u32.checked_pow(attempts - 1).unwrap_or(u32::MAX);
    doubled.min(rand::random_range(60..=120))
}

fn note_gone(state: &mut State, gone: bool) {
    if !gone {
        state.webhook.gone_since = None;
        return;
    }
    let since = *state.webhook.gone_since.get_or_insert_with(Instant::now);
    if since.elapsed() >= GONE {
        state.webhook.url = None;
    }
}

impl Simulator {
    /// What the webhook last failed with.
    pub fn last_webhook_error(&self) -> Option<String> {
        self.world.lock().webhook.last_error.as_ref().map(|(_, why)| why.clone())
    }

    /// Waits until a bot takes updates.
    pub async fn wait_until_connected(&self) {
        self.world.wait(|state| state.is_connected().then_some(())).await;
    }

    /// Waits until nothing is left to deliver.
    pub async fn wait_until_delivered(&self) {
        self.world.wait(|state| (state.updates.pending() == 0).then_some(())).await;
    }

    /// The updates not yet delivered.
    pub fn pending_updates(&self) -> Vec<Value> {
        let state = self.world.lock();
        let updates = state.updates.queues.values().flat_map(|queue| &queue.updates);
        updates.map(|update| update.body.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_waits_double_up_to_two_minutes_unless_the_webhook_says_otherwise() {
        assert_eq!([1, 2, 3, 4].map(|attempts| wait(attempts, None)), [0, 2, 4, 8]);
        assert!((60..=120).contains(&wait(40, None)));
        assert_eq!([wait(1, Some(7)), wait(9, Some(100_000))], [7, 3600]);
    }
}
