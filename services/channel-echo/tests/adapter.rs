//! Golden cases and the contract that every adapter keeps.

use serde_json::json;
use weft_channel::WebhookCall;
use weft_channel_echo::Echo;
use weft_channel_testkit::{Played, Samples, contract, golden};

#[tokio::test]
async fn the_golden_cases_hold() {
    golden(&Echo, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")).await;
}

#[tokio::test]
async fn the_contract_of_all_adapters_holds() {
    let secret = "hook-secret-1";
    let from = json!({"id": "c1", "name": "Ada"});
    let event = json!({"id": "e1", "at": 1_767_225_600, "type": "message", "from": from, "message": {"id": "m1", "text": "Hi"}});
    let webhook = WebhookCall {
        method: http::Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers: [("x-echo-secret".parse().unwrap(), secret.parse().unwrap())].into_iter().collect(),
        body: json!({"events": [event]}).to_string().into(),
        received_at: chrono::DateTime::from_timestamp(1_767_225_601, 0).unwrap(),
    };
    let samples = Samples {
        settings: json!({}),
        secrets: json!({"token": "token-of-the-example", "webhook_secret": secret}),
        thread_id: "c1".to_owned(),
        accepted: Played::json(json!({"id": "m2"})),
        webhook,
        signature_header: "x-echo-secret",
    };
    contract(&Echo, &samples).await;
}
