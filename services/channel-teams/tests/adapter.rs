//! Golden cases and the contract that every adapter keeps.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::sync::LazyLock;

use serde_json::json;
use weft_channel::WebhookCall;
use weft_channel_teams::Teams;
use weft_channel_testkit::{Played, Samples, contract, golden_signed, provider_key};

const APP: &str = "00000000-0000-4000-8000-0000000000bb";
const SERVICE: &str = "https://smba.trafficmanager.net/emea/";

/// As the Bot Framework does it: a token for an hour, which says nothing of the body but where it is answered.
fn sign(call: &mut WebhookCall) {
    static TOKEN: LazyLock<String> = LazyLock::new(|| {
        let (begin, end) = (1_767_225_600, 1_767_229_200);
        let claims = json!({
            "iss": "https://api.botframework.com", "aud": APP, "nbf": begin, "exp": end, "serviceurl": SERVICE,
        });
        provider_key().sign(&claims).unwrap()
    });
    call.headers.insert("authorization", format!("Bearer {}", *TOKEN).parse().unwrap());
}

#[tokio::test]
async fn the_golden_cases_hold() {
    golden_signed(&Teams, concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden"), sign).await;
}

#[tokio::test]
async fn the_contract_of_all_adapters_holds() {
    let activity = json!({
        "type": "message",
        "id": "1767225600123",
        "timestamp": "2026-01-01T00:00:00.123Z",
        "serviceUrl": SERVICE,
        "channelId": "msteams",
        "from": {"id": "29:1AdaExample", "name": "Ada Example"},
        "conversation": {"conversationType": "personal", "id": "a:1ConvExample"},
        "recipient": {"id": format!("28:{APP}"), "name": "Acme Support"},
        "text": "Hello",
    });
    let mut webhook = WebhookCall {
        method: http::Method::POST,
        path_rest: String::new(),
        query: String::new(),
        headers: http::HeaderMap::new(),
        body: activity.to_string().into(),
        received_at: chrono::DateTime::from_timestamp(1_767_225_601, 0).unwrap(),
    };
    sign(&mut webhook);
    let samples = Samples {
        settings: json!({"app_id": APP, "tenant_id": "00000000-0000-4000-8000-0000000000aa"}),
        secrets: json!({"app_secret": "secret-of-the-example"}),
        thread_id: "a:1ConvExample".to_owned(),
        accepted: Played { status: Some(201), ..Played::json(json!({"id": "1767226100777"})) },
        webhook,
        signature_header: "authorization",
    };
    contract(&Teams, &samples).await;
}
