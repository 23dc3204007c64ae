//! Golden cases and the contract that every adapter keeps.
#![expect(clippy::unwrap_used, reason = "a test")]

use serde_json::json;
use weft_channel::WebhookCall;
use weft_channel_testkit::{Played, Samples, contract, golden_signed};
use weft_channel_whatsapp::Whatsapp;
use weft_meta_graph::hub::{SIGNATURE, signature};

const APP_SECRET: &str = "0123456789abcdef0123456789abcdef";

fn sign(call: &mut WebhookCall) {
    call.headers.insert(SIGNATURE, signature(APP_SECRET, &call.body).parse().unwrap());
}

#[tokio::test]
async fn the_golden_cases_hold() {
    golden_signed(&Whatsapp, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"), sign).await;
}

#[tokio::test]
async fn the_contract_of_all_adapters_holds() {
    let message = json!({
        "from": "447700900123",
        "from_user_id": "GB.30000000000000000001",
        "id": "wamid.HBgMEXAMPLE01",
        "timestamp": "1767225600",
        "type": "text",
        "text": {"body": "Hello"},
    });
    let metadata = json!({"display_phone_number": "12025550100", "phone_number_id": "200000000000001"});
    let value = json!({"messaging_product": "whatsapp", "metadata": metadata, "messages": [message]});
    let entry = json!({"id": "100000000000001", "changes": [{"field": "messages", "value": value}]});
    let mut webhook = WebhookCall {
        method: http::Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers: http::HeaderMap::new(),
        body: json!({"object": "whatsapp_business_account", "entry": [entry]}).to_string().into(),
        received_at: chrono::DateTime::from_timestamp(1_767_225_601, 0).unwrap(),
    };
    sign(&mut webhook);
    let samples = Samples {
        settings: json!({"phone_number_id": "200000000000001", "waba_id": "100000000000001"}),
        secrets: json!({
            "access_token": "EAAExampleExampleExample",
            "app_secret": APP_SECRET,
            "verify_token": "greet-me-like-this",
        }),
        thread_id: "447700900123".to_owned(),
        // to a file as well, which goes up by a call of its own
        accepted: Played::json(json!({"messages": [{"id": "wamid.HBgMOUT"}], "id": "900000000000010"})),
        webhook,
        signature_header: SIGNATURE,
    };
    contract(&Whatsapp, &samples).await;
}
