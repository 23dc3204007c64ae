//! Golden cases and the contract that every adapter keeps.
#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::json;
use weft_channel::WebhookCall;
use weft_channel_slack::Slack;
use weft_channel_testkit::{Played, Samples, contract, golden_signed};
use weft_crypto::sign::hmac_sha256;

const SECRET: &str = "signing-secret-of-the-example";

/// As Slack does it, at the moment the call comes.
fn sign(call: &mut WebhookCall) {
    let at = call.received_at.timestamp().to_string();
    let mac = hmac_sha256(SECRET.as_bytes(), &[b"v0:", at.as_bytes(), b":", &call.body]);
    call.headers.insert("x-slack-request-timestamp", at.parse().unwrap());
    call.headers.insert("x-slack-signature", format!("v0={}", hex::encode(mac)).parse().unwrap());
}

#[tokio::test]
async fn the_golden_cases_hold() {
    golden_signed(&Slack, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"), sign).await;
}

#[tokio::test]
async fn the_contract_of_all_adapters_holds() {
    let event = json!({
        "type": "message",
        "channel": "D0EXAMPLE1",
        "channel_type": "im",
        "user": "U0ADA00001",
        "text": "Hello",
        "ts": "1767225600.000100",
    });
    let body = json!({
        "type": "event_callback",
        "team_id": "T0EXAMPLE1",
        "event_id": "Ev0EXAMPLE1",
        "event_time": 1_767_225_600,
        "authorizations": [{"team_id": "T0EXAMPLE1", "user_id": "U0BOT00001", "is_bot": true}],
        "event": event,
    });
    let mut webhook = WebhookCall {
        method: http::Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers: http::HeaderMap::new(),
        body: body.to_string().into(),
        received_at: chrono::DateTime::from_timestamp(1_767_225_601, 0).unwrap(),
    };
    sign(&mut webhook);
    // what all the methods give that one message can need
    let accepted = Played::json(json!({
        "ok": true,
        "channel": "D0EXAMPLE1",
        "ts": "1767226100.000500",
        "upload_url": "https://files.slack.com/upload/v1/abc",
        "file_id": "F0NEW00001",
        "files": [{"id": "F0NEW00001"}],
    }));
    let samples = Samples {
        settings: json!({"team_id": "T0EXAMPLE1", "show_agent_names": true}),
        secrets: json!({"bot_token": "xoxb-token-of-the-example", "signing_secret": SECRET}),
        thread_id: "D0EXAMPLE1".to_owned(),
        accepted,
        webhook,
        signature_header: "x-slack-signature",
    };
    contract(&Slack, &samples).await;
}
