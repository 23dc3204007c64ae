//! Golden cases and the contract that every adapter keeps.
#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::json;
use weft_channel::WebhookCall;
use weft_channel_testkit::{Played, Samples, contract, golden_signed};
use weft_channel_viber::Viber;
use weft_crypto::sign::hmac_sha256;

const TOKEN: &str = "token-of-the-example";

/// As Viber does it.
fn sign(call: &mut WebhookCall) {
    let signature = hex::encode(hmac_sha256(TOKEN.as_bytes(), &[&call.body]));
    call.headers.insert("x-viber-content-signature", signature.parse().unwrap());
}

#[tokio::test]
async fn the_golden_cases_hold() {
    golden_signed(&Viber, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"), sign).await;
}

#[tokio::test]
async fn the_contract_of_all_adapters_holds() {
    let callback = json!({
        "event": "message",
        "timestamp": 1_767_225_600_000_i64,
        "message_token": 4_912_661_846_655_238_145_u64,
        "sender": {"id": "01234567890A=", "name": "Ada Example"},
        "message": {"type": "text", "text": "Hello"},
    });
    let mut webhook = WebhookCall {
        method: http::Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers: http::HeaderMap::new(),
        body: callback.to_string().into(),
        received_at: chrono::DateTime::from_timestamp(1_767_225_601, 0).unwrap(),
    };
    sign(&mut webhook);
    let samples = Samples {
        settings: json!({"bot_name": "Acme"}),
        secrets: json!({"auth_token": TOKEN}),
        thread_id: "01234567890A=".to_owned(),
        accepted: Played::json(
            json!({"status": 0, "status_message": "ok", "message_token": 5_741_311_803_571_721_087_u64}),
        ),
        webhook,
        signature_header: "x-viber-content-signature",
    };
    contract(&Viber, &samples).await;
}
