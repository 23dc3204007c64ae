//! What people who look after channels see and do: forms, health, log, test messages, secrets that change.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Map, Value, json};
use weft_channel_telegram::simulator::Content;
use weft_fleet::roster;
use weft_tests_fleet::{Client, Engines, Fleet, Live, Provider};

const ADA: i64 = 1_000_000_001;
const SECRET: &str = "first-secret-0123456789";
const PATIENCE: Duration = Duration::from_secs(60);
/// What nobody but its owner may see begins or ends like this.
const SECRET_WORDS: [&str; 6] = ["token", "secret", "password", "key", "credential", "private"];

fn properties<'a>(kind: &'a Value, form: &str) -> &'a Map<String, Value> {
    kind[form]["properties"].as_object().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_every_kind_explains_itself_and_secrets_are_marked() {
    let fleet = Fleet::start(Engines::Embedded).await;
    let admin = fleet.admin().await;
    admin.wait_for_kinds().await;
    let listed = admin.get("/v1/channel-kinds").await;
    let kinds = listed["items"].as_array().unwrap();
    for entry in roster::ENTRIES {
        let Some(descriptor) = entry.descriptor else { continue };
        assert!(kinds.iter().any(|kind| kind["kind"] == descriptor().kind), "{} has no form", entry.name);
    }
    let mut faults = Vec::new();
    for kind in kinds {
        let name = kind["kind"].as_str().unwrap();
        for form in ["settings_schema", "secrets_schema"] {
            for (field, schema) in properties(kind, form) {
                for what in ["title", "description"] {
                    if schema[what].as_str().is_none_or(str::is_empty) {
                        faults.push(format!("{name}: `{field}` has no {what}"));
                    }
                }
            }
        }
        for (field, schema) in properties(kind, "secrets_schema") {
            if schema["writeOnly"] != true || schema["format"] != "password" {
                faults.push(format!("{name}: `{field}` is not marked as secret"));
            }
        }
        for (field, schema) in properties(kind, "settings_schema") {
            let last = field.rsplit('_').next().unwrap();
            if SECRET_WORDS.contains(&last) && schema["type"] != "boolean" && !is_public(name, field) {
                faults.push(format!("{name}: `{field}` looks like a secret and is shown"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    fleet.stop().await;
}

/// What is called like a secret and is none.
fn is_public(_kind: &str, field: &str) -> bool {
    field.starts_with("public_")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_form_is_refused_by_field_and_wrong_credentials_show_within_seconds() {
    let fleet = Fleet::start(Engines::Embedded).await;
    let admin = fleet.admin().await;
    let provider = Provider::start().await;
    let channel = |settings: Value, secrets: Value| json!({"kind": "telegram", "name": "Test", "settings": settings, "secrets": secrets});
    admin.wait_for_kinds().await;
    let base = || json!({"api_base": provider.base});
    for (body, field) in [
        (channel(base(), json!({})), "secrets.bot_token"),
        (channel(base(), json!({"bot_tokken": "x"})), "secrets.bot_tokken"),
        (channel(json!({"api_base": 7}), json!({"bot_token": "x"})), "settings.api_base"),
        (channel(json!({"mode": "push"}), json!({"bot_token": "x"})), "settings.mode"),
    ] {
        let (status, problem) = admin.call("POST", "/v1/channels", Some(&body)).await;
        assert_eq!((status, problem["field"].as_str()), (400, Some(field)), "{problem}");
    }
    // of the right form, and nobody's
    let wrong = json!({"bot_token": "700000002:AANobodysNobodysNobodysNobodys"});
    let made = admin.post("/v1/channels", &channel(base(), wrong)).await;
    let path = format!("/v1/channels/{}/health", made["id"].as_str().unwrap());
    let begun = std::time::Instant::now();
    let health = until(&admin, &path, |health| health["status"] == "failed").await;
    println!("HEALTH wrong credentials show after {:?}", begun.elapsed());
    assert!(health["detail"].as_str().unwrap().contains("secrets.bot_token"), "{health}");
    fleet.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn a_channel_shows_what_comes_and_goes_and_a_test_message_says_what_became_of_it(
    #[case] engines: Engines,
) {
    let fleet = Fleet::start(engines).await;
    let admin = fleet.admin().await;
    let provider = Provider::start().await;
    let channel = provider.connect_at(&admin, SECRET).await;
    let mut live = Live::subscribe(&admin).await;
    provider.simulator.add_customer(ADA, "Ada", "en");
    provider.simulator.customer_says(ADA, Content::Text("canary-words".into())).unwrap();
    live.event("message.created", |_| Some(())).await;

    let test = format!("/v1/channels/{channel}/test");
    let sent = admin.post(&test, &json!({"to": ADA.to_string()})).await;
    assert_eq!(
        (sent["state"].as_str(), sent["direction"].as_str()),
        (Some("sent"), Some("outbound")),
        "{sent}"
    );
    assert!(sent["provider_message_id"].is_string(), "{sent}");
    let (status, problem) = admin.call("POST", &test, Some(&json!({"to": "4711"}))).await;
    assert_eq!((status, problem["reason"].as_str()), (422, Some("contact_must_begin")), "{problem}");

    let path = format!("/v1/channels/{channel}/health");
    let seen = |health: &Value| !health["last_inbound_at"].is_null() && !health["last_outbound_at"].is_null();
    let health = until(&admin, &path, seen).await;
    assert_eq!((health["status"].as_str(), health["error_rate"].as_f64()), (Some("connected"), Some(0.0)));
    let lines = admin.list(&format!("/v1/channels/{channel}/log")).await;
    assert!(lines.iter().any(|line| line["operation"] == "webhook" && line["direction"] == "inbound"));
    assert!(lines.iter().any(|line| line["direction"] == "outbound" && line["attempt"] == 1));
    let all = Value::from(lines).to_string();
    for hidden in ["canary-words", SECRET, "AASimulated", &ADA.to_string(), "a test"] {
        assert!(!all.contains(hidden), "{hidden} is in the log: {all}");
    }
    fleet.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_secret_reaches_the_provider_and_the_one_before_holds_for_its_grace(
    #[case] engines: Engines,
) {
    let fleet = Fleet::start(engines).await;
    let admin = fleet.admin().await;
    let provider = Provider::start().await;
    let channel = provider.connect_at(&admin, SECRET).await;
    let mut live = Live::subscribe(&admin).await;
    provider.simulator.add_customer(ADA, "Ada", "en");
    let path = format!("/v1/channels/{channel}");
    let rotated = admin.post(&format!("{path}/rotate-secret"), &json!({"grace_seconds": 600})).await;
    assert!(rotated["previous_secrets_until"].is_string(), "{rotated}");
    until(&admin, &format!("{path}/health"), |health| health["status"] == "connected").await;

    // the provider signs with the new one now; a call that was on its way is signed with the one before
    provider.simulator.customer_says(ADA, Content::Text("hello".into())).unwrap();
    live.event("message.created", |_| Some(())).await;
    let update = json!({"update_id": 1}).to_string();
    let hook = async |secret: &str| {
        let headers = [("x-telegram-bot-api-secret-token", secret)];
        let nobody = Client::nobody(&fleet.base);
        nobody.post_raw(&format!("/hooks/telegram/{channel}"), &headers, &update).await.unwrap()
    };
    assert_eq!((hook(SECRET).await, hook("nobodys").await), (200, 401));
    until(&admin, &format!("{path}/log?direction=inbound"), |page| {
        page["items"].as_array().unwrap().iter().any(|line| line["code"] == "previous_secrets")
    })
    .await;
    let over = admin.post(&format!("{path}/rotate-secret"), &json!({"grace_seconds": 0})).await;
    assert!(over["previous_secrets_until"].is_null(), "{over}");
    until(&admin, &format!("{path}/health"), |health| health["status"] == "connected").await;
    assert_eq!(hook(SECRET).await, 401);
    fleet.stop().await;
}

async fn until(admin: &Client, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
    weft_testkit::eventually(path, PATIENCE, async || {
        let value = admin.get(path).await;
        holds(&value).then_some(value)
    })
    .await
}
