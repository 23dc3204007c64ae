use std::time::Duration;

use chrono::Utc;
use http::{HeaderName, HeaderValue};
use serde_json::Value;
use url::Url;
use weft_channel::{ProviderCall, Transport as _};
use weft_crypto::sign::hmac_sha256;

use super::{Simulator, State, TOKEN};
use crate::SIGNATURE_HEADER;

/// The waits before a callback is delivered again.
const AGAIN: [Duration; 3] = [Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(5)];

/// Delivers callbacks in their order.
pub(super) async fn run(simulator: &Simulator) {
    loop {
        let next = |state: &mut State| if state.webhook.is_some() { state.pushes.pop_front() } else { None };
        let callback = simulator.world.wait(next).await;
        let mut waits = AGAIN.into_iter();
        loop {
            let Some(url) = simulator.world.lock().webhook.clone() else { break };
            if push(simulator, url, &callback).await {
                break;
            }
            let Some(wait) = waits.next() else { break };
            tokio::time::sleep(wait).await;
        }
    }
}

/// Whether a callback was taken.
pub(super) async fn push(simulator: &Simulator, url: Url, callback: &Value) -> bool {
    // the transport writes JSON the same way
    let signature = hex::encode(hmac_sha256(TOKEN.as_bytes(), &[callback.to_string().as_bytes()]));
    let Ok(signature) = HeaderValue::from_str(&signature) else { return false };
    let header = HeaderName::from_static(SIGNATURE_HEADER);
    let call = ProviderCall::post(url, "webhook").json(callback.clone()).header(header, signature);
    simulator.transport.call(call).await.is_ok_and(|reply| reply.status == 200)
}

/// In milliseconds since 1970.
pub(super) fn now() -> i64 {
    Utc::now().timestamp_millis()
}
