//! Golden cases and the contract that every adapter keeps.
#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::json;
use weft_channel::WebhookCall;
use weft_channel_instagram::Instagram;
use weft_channel_testkit::{Played, Samples, contract, golden_signed};
use weft_meta_graph::hub::{SIGNATURE, signature};

const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";

fn sign(call: &mut WebhookCall) {
    call.headers.insert(SIGNATURE, signature(APP_SECRET, &call.body).parse().unwrap());
}

#[tokio::test]
async fn the_golden_cases_hold() {
    golden_signed(&Instagram, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"), sign).await;
}

#[tokio::test]
async fn the_contract_of_all_adapters_holds() {
    let event = json!({
        "sender": {"id": "9000000000000001"},
        "recipient": {"id": "17800000000000001"},
        "timestamp": 1_767_225_600_000_i64,
        "message": {"mid": "aWdfEXAMPLE01", "text": "Hello"},
    });
    let entry = json!({"id": "17800000000000001", "time": 1_767_225_600_123_i64, "messaging": [event]});
    let mut webhook = WebhookCall {
        method: http::Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers: http::HeaderMap::new(),
        body: json!({"object": "instagram", "entry": [entry]}).to_string().into(),
        received_at: chrono::DateTime::from_timestamp(1_767_225_601, 0).unwrap(),
    };
    sign(&mut webhook);
    let samples = Samples {
        settings: json!({"ig_account_id": "17800000000000001", "page_id": "300000000000001"}),
        secrets: json!({
            "access_token": "EAAExampleExampleExample",
            "app_secret": APP_SECRET,
            "verify_token": "greet-me-like-this",
        }),
        thread_id: "9000000000000001".to_owned(),
        accepted: Played::json(json!({"recipient_id": "9000000000000001", "message_id": "aWdfOUT01"})),
        webhook,
        signature_header: SIGNATURE,
    };
    contract(&Instagram, &samples).await;
}
