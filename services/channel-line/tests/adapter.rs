//! Golden cases and the contract that every adapter keeps.
#![expect(clippy::unwrap_used, reason = "a test")]

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use weft_channel::WebhookCall;
use weft_channel_line::Line;
use weft_channel_testkit::{Played, Samples, contract, golden_signed};
use weft_crypto::sign::hmac_sha256;

const SECRET: &str = "secret-of-the-example-channel";

/// As LINE does it.
fn sign(call: &mut WebhookCall) {
    let signature = STANDARD.encode(hmac_sha256(SECRET.as_bytes(), &[&call.body]));
    call.headers.insert("x-line-signature", signature.parse().unwrap());
}

#[tokio::test]
async fn the_golden_cases_hold() {
    golden_signed(&Line, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"), sign).await;
}

#[tokio::test]
async fn the_contract_of_all_adapters_holds() {
    let event = json!({
        "type": "message",
        "mode": "active",
        "timestamp": 1_767_225_600_000_i64,
        "webhookEventId": "01HEXAMPLE000000000000000A",
        "source": {"type": "user", "userId": "Ua11111111111111111111111111111111"},
        "message": {"id": "500000000000000001", "type": "text", "text": "Hello"},
    });
    let mut webhook = WebhookCall {
        method: http::Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers: http::HeaderMap::new(),
        body: json!({"destination": "Ub00000000000000000000000000000000", "events": [event]})
            .to_string()
            .into(),
        received_at: chrono::DateTime::from_timestamp(1_767_225_601, 0).unwrap(),
    };
    sign(&mut webhook);
    let samples = Samples {
        settings: json!({"video_preview": "https://cdn.example.com/play.jpg"}),
        secrets: json!({"channel_access_token": "token-of-the-example", "channel_secret": SECRET}),
        thread_id: "Ua11111111111111111111111111111111".to_owned(),
        accepted: Played::json(json!({"sentMessages": [{"id": "500000000000000009", "quoteToken": "q9"}]})),
        webhook,
        signature_header: "x-line-signature",
    };
    contract(&Line, &samples).await;
}
