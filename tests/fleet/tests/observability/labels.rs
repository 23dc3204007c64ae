use std::collections::BTreeMap;

use serde_json::json;
use weft_directory::bootstrap;
use weft_domain::Role;
use weft_telemetry::TestTelemetry;
use weft_tests_fleet::{Client, Engines, Fleet, Live};

use crate::scrape::Scrape;

const TENANTS: usize = 50;
/// More series of one metric than this are an explosion, whatever they are of.
const MOST_SERIES: usize = 600;
const SECRET: &str = "hush-0123456789";
const PASSWORD: &str = "a long enough password 17";

#[tokio::test(flavor = "multi_thread")]
async fn fifty_tenants_make_no_more_series_than_two_and_no_label_names_anybody() {
    let telemetry = weft_telemetry::init_for_test();
    let fleet = Fleet::start(Engines::Embedded).await;
    for number in 0..2 {
        live_a_little(&fleet, number).await;
    }
    let few = seen(&telemetry);
    for number in 2..TENANTS {
        live_a_little(&fleet, number).await;
    }
    let many = seen(&telemetry);
    fleet.stop().await;

    let grown: BTreeMap<_, _> = many
        .series
        .iter()
        .map(|(name, series)| (name, few.series.get(name).map_or(0, Vec::len), series.len()))
        .filter(|(_, before, after)| after.saturating_sub(*before) > 30)
        .map(|(name, before, after)| (name, (before, after)))
        .collect();
    assert!(grown.is_empty(), "these grow with tenants: {grown:?}");
    let large: Vec<_> =
        many.series.iter().filter(|(_, series)| series.len() > MOST_SERIES).map(|(name, _)| name).collect();
    assert!(large.is_empty(), "too many series: {large:?}");
    assert!(many.len() > 200, "there was life: {}", many.len());
    let named: Vec<_> = many
        .series
        .iter()
        .flat_map(|(name, series)| series.iter().flatten().map(move |(label, value)| (name, label, value)))
        .filter(|(_, _, value)| names_somebody(value))
        .collect();
    assert!(named.is_empty(), "these name somebody: {named:?}");
}

fn seen(telemetry: &TestTelemetry) -> Scrape {
    Scrape::read(&telemetry.render_metrics())
}

/// A tenant with an agent, a channel, a customer who writes and a socket that sees it; and some calls that go wrong.
async fn live_a_little(fleet: &Fleet, number: usize) {
    let store = fleet.process().store("directory").unwrap();
    let tenant = bootstrap::create_tenant(store, &format!("tenant-{number}"), "A tenant").await.unwrap();
    let email = format!("admin-{number}@example.test");
    bootstrap::create_user(store, tenant, &email, "Ann", Role::Admin, PASSWORD.to_owned().into())
        .await
        .unwrap();
    let admin = Client::sign_in(&fleet.base, &email, PASSWORD).await;
    let settings = json!({"api_base": "http://127.0.0.1:9"});
    let secrets = json!({"token": "t", "webhook_secret": SECRET});
    let channel = fleet.connect(&admin, "echo", settings, secrets).await;
    let mut live = Live::subscribe(&admin).await;
    let call = json!({"events": [
        {"id": "e1", "at": 1_767_225_601, "from": {"id": "c1", "name": "Ada"}, "type": "message",
         "message": {"id": "m1", "text": "Hello"}},
        {"id": format!("e{number}"), "at": 1_767_225_601, "from": {"id": "c1", "name": "Ada"}, "type": format!("t{number}")},
    ]});
    let path = format!("/hooks/echo/{channel}");
    let headers = [("x-echo-secret", SECRET)];
    assert_eq!(admin.post_raw(&path, &headers, &call.to_string()).await.unwrap(), 200);
    assert_eq!(admin.post_raw(&path, &[], &call.to_string()).await.unwrap(), 401);
    let message = live.event("message.created", |data| Some(data["message"].clone())).await;
    let conversation = message["conversation_id"].as_str().unwrap();
    admin.get(&format!("/v1/conversations/{conversation}/messages")).await;
    admin.call("GET", &format!("/v1/conversations/conv_{number}"), None).await;
    admin.call(&format!("VERB{number}"), &format!("/nowhere/{number}"), None).await;
}

/// A TypeID, a UUID or an e-mail address.
fn names_somebody(value: &str) -> bool {
    let is_uuid = |part: &str| part.len() == 36 && part.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    let is_type_id = |part: &str| {
        let suffix = part.rsplit_once('_').map_or("", |(_, suffix)| suffix);
        suffix.len() == 26 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    value.split(['/', ' ', ',', ':', '.']).any(|part| is_uuid(part) || is_type_id(part))
        || value.contains('@')
}

#[test]
fn ids_and_addresses_are_recognised() {
    for named in [
        "conv_01jpx4r8k2e5v9tqh6c3zn7bwd",
        "/x/ten_01jpx4r8k2e5v9tqh6c3zn7bwd",
        "a@b.test",
        "018f2c7e-8c1e-7a4b-9d2e-3f5a6b7c8d9e",
    ] {
        assert!(names_somebody(named), "{named}");
    }
    for harmless in [
        "/v1/conversations/{conversation_id}/messages",
        "weft.conversation.v1.Messages/SendMessage",
        "channel-telegram",
        "5xx",
    ] {
        assert!(!names_somebody(harmless), "{harmless}");
    }
}
