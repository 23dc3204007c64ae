//! Golden cases and the contract that every adapter keeps.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use url::form_urlencoded;
use weft_channel::WebhookCall;
use weft_channel_testkit::{Played, Samples, WEBHOOK_URL, contract, golden_signed};
use weft_channel_voice_twilio::VoiceTwilio;
use weft_crypto::sign::hmac_sha1;

const TOKEN: &str = "example-auth-token";
const BODY: &str = "CallSid=CA00000000000000000000000000000001&AccountSid=AC00000000000000000000000000000001&From=%2B12025550143\
    &To=%2B12025550100&CallStatus=ringing&Direction=inbound&ApiVersion=2010-04-01";

#[tokio::test]
async fn the_golden_cases_hold() {
    golden_signed(&VoiceTwilio, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"), sign).await;
}

#[tokio::test]
async fn the_contract_of_all_adapters_holds() {
    let mut webhook = WebhookCall {
        method: http::Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers: std::iter::once((
            http::header::CONTENT_TYPE,
            "application/x-www-form-urlencoded".parse().unwrap(),
        ))
        .collect(),
        body: BODY.into(),
        received_at: chrono::DateTime::from_timestamp(1_767_225_601, 0).unwrap(),
    };
    sign(&mut webhook);
    let samples = Samples {
        settings: json!({"account_sid": "AC00000000000000000000000000000001", "from_number": "+12025550100"}),
        secrets: json!({"auth_token": TOKEN, "secondary_auth_token": "next-auth-token"}),
        thread_id: "+12025550143".to_owned(),
        accepted: Played {
            status: Some(201),
            ..Played::json(json!({"sid": "CA00000000000000000000000000000002", "status": "queued"}))
        },
        webhook,
        signature_header: "x-twilio-signature",
    };
    contract(&VoiceTwilio, &samples).await;
}

/// Signs a call as Twilio's documents say: the address, then every different pair of the form in order of its name.
fn sign(call: &mut WebhookCall) {
    let mut signed = WEBHOOK_URL.to_owned();
    for (before, part) in [('/', &call.path_rest), ('?', &call.query)] {
        if !part.is_empty() {
            signed.push(before);
            signed.push_str(part);
        }
    }
    let is_form = call.header("content-type").is_some_and(|kind| kind.contains("form"));
    if call.method == http::Method::POST && is_form {
        let pairs: BTreeSet<_> = form_urlencoded::parse(&call.body).collect();
        pairs.iter().for_each(|(name, value)| signed.extend([name.as_ref(), value.as_ref()]));
    }
    let signature = STANDARD.encode(hmac_sha1(TOKEN.as_bytes(), &[signed.as_bytes()]));
    call.headers.insert("x-twilio-signature", signature.parse().unwrap());
}
