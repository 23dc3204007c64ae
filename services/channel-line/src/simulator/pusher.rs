use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use weft_channel::{ProviderCall, Transport as _};
use weft_crypto::sign::hmac_sha256;

use super::{SECRET, Simulator, state::State};
use crate::SIGNATURE_HEADER;

/// The waits before the same events are delivered again, as an account has it that switched that on.
const AGAIN: [Duration; 3] = [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(5)];

/// Delivers events in their order.
pub(super) async fn run(simulator: &Simulator) {
    loop {
        let next = |state: &mut State| if state.webhook.is_some() { state.pushes.pop_front() } else { None };
        let mut event = simulator.world.wait(next).await;
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

async fn push(simulator: &Simulator, event: &Value) -> bool {
    let Some(url) = simulator.world.lock().webhook.clone() else { return false };
    let body = json!({"destination": "Ub00000000000000000000000000000000", "events": [event]});
    // the transport writes JSON the same way
    let signature = STANDARD.encode(hmac_sha256(SECRET.as_bytes(), &[body.to_string().as_bytes()]));
    let Ok(signature) = HeaderValue::from_str(&signature) else { return false };
    let header = HeaderName::from_static(SIGNATURE_HEADER);
    let call = ProviderCall::post(url, "webhook").json(body).header(header, signature);
    simulator.transport.call(call).await.is_ok_and(|reply| reply.status.is_success())
}
