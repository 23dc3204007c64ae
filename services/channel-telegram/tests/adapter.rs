//! Golden cases and the contract that every adapter keeps.

use serde_json::json;
use weft_channel::WebhookCall;
use weft_channel_telegram::Telegram;
use weft_channel_testkit::{Played, Samples, contract, golden};

#[tokio::test]
async fn the_golden_cases_hold() {
    golden(&Telegram, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")).await;
}

#[tokio::test]
async fn the_contract_of_all_adapters_holds() {
    let secret = "s3cr3t_Example-1";
    let update = json!({
        "update_id": 900_000_001,
        "message": {
            "message_id": 11,
            "chat": {"id": 1_000_000_001, "type": "private", "first_name": "Ada"},
            "date": 1_767_225_600,
            "text": "Hello",
        },
    });
    let webhook = WebhookCall {
        method: http::Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers: [("x-telegram-bot-api-secret-token".parse().unwrap(), secret.parse().unwrap())]
            .into_iter()
            .collect(),
        body: update.to_string().into(),
        received_at: chrono::DateTime::from_timestamp(1_767_225_601, 0).unwrap(),
    };
    let samples = Samples {
        settings: json!({}),
        secrets: json!({"bot_token": "700000001:AAExampleExampleExampleExampleExample", "webhook_secret": secret}),
        thread_id: "1000000001".to_owned(),
        accepted: Played::json(
            json!({"ok": true, "result": {"message_id": 21, "chat": {"id": 1_000_000_001}}}),
        ),
        webhook,
        signature_header: "x-telegram-bot-api-secret-token",
    };
    contract(&Telegram, &samples).await;
}
