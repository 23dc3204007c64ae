//! Golden cases and the contract that every adapter keeps.

use serde_json::json;
use weft_channel::WebhookCall;
use weft_channel_ringcentral::Ringcentral;
use weft_channel_testkit::{Played, Samples, contract, golden};

const SECRET: &str = "omni-val-7c1d-of-the-example";

#[tokio::test]
async fn the_golden_cases_hold() {
    golden(&Ringcentral, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")).await;
}

#[tokio::test]
async fn the_contract_of_all_adapters_holds() {
    let event = json!({
        "uuid": "6242343638330007102",
        "event": "/restapi/v1.0/account/80900010/extension/62900010001/message-store/instant?type=SMS",
        "ownerId": "62900010001",
        "body": {
            "id": "3062991514017", "type": "SMS", "direction": "Inbound", "subject": "Hi",
            "from": {"phoneNumber": "+12025550143"}, "to": [{"phoneNumber": "+12025550100", "target": true}],
            "creationTime": "2026-01-15T09:30:00.028Z", "attachments": [],
        },
    });
    let webhook = WebhookCall {
        method: http::Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers: std::iter::once((
            http::HeaderName::from_static("validation-token"),
            http::HeaderValue::from_static(SECRET),
        ))
        .collect(),
        body: event.to_string().into(),
        received_at: chrono::DateTime::from_timestamp(1_767_225_601, 0).unwrap(),
    };
    let samples = Samples {
        settings: json!({"client_id": "client-id-example", "from_number": "+12025550100"}),
        secrets: json!({
            "client_secret": "client-secret-example", "jwt": "jwt-of-the-example",
            "webhook_validation_token": SECRET,
        }),
        thread_id: "+12025550143".to_owned(),
        accepted: Played::json(json!({"id": 3_063_001_234_017_u64, "messageStatus": "Queued"})),
        webhook,
        signature_header: "validation-token",
    };
    contract(&Ringcentral, &samples).await;
}
