use std::{
    collections::VecDeque,
    sync::{MutexGuard, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use weft_channel::{ProviderCall, Transport as _};
use weft_crypto::sign::hmac_sha256;

use super::{SECRET, Simulator};
use crate::SIGNATURE_HEADER;

/// The waits before the same events are delivered again, as an account has it that switched that on.
const AGAIN: [Duration; 3] = [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(5)];

/// Delivers events in their order.
pub(super) async fn run(simulator: &Simulator) {
    loop {
        let Some(mut event) = simulator.next_to_push() else {
            simulator.0.filled.notified().await;
            continue;
        };
        simulator.wait_until_connected().await;
        let mut waits = AGAIN.into_iter();
        while !push(simulator, &event).await {
            let Some(wait) = waits.next() else { break };
            tokio::time::sleep(wait).await;
            if let Some(again) = event.pointer_mut("/deliveryContext/isRedelivery") {
                *again = true.into();
            }
        }
    }
}

impl Simulator {
    /// Puts one behind those that wait.
    pub(super) fn will_push(&self, event: Value) {
        self.waiting().push_back(event);
        self.0.filled.notify_one();
    }

    fn next_to_push(&self) -> Option<Value> {
        self.waiting().pop_front()
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Value>> {
        self.0.to_push.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn push(simulator: &Simulator, event: &Value) -> bool {
    let Some(url) = simulator.lock().webhook.clone() else { return false };
    let body = json!({"destination": "Ub00000000000000000000000000000000", "events": [event]});
    // the transport writes JSON the same way
    let signature = STANDARD.encode(hmac_sha256(SECRET.as_bytes(), &[body.to_string().as_bytes()]));
    let Ok(signature) = HeaderValue::from_str(&signature) else { return false };
    let header = HeaderName::from_static(SIGNATURE_HEADER);
    let call = ProviderCall::post(url, "webhook").json(body).header(header, signature);
    simulator.0.transport.call(call).await.is_ok_and(|reply| reply.status.is_success())
}
