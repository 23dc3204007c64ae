use serde_json::json;
use weft_domain::id;
use weft_proto::directory::v1::{Account, health::Status};

use crate::{provider::Answer, rig::Rig};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_connected_at_start_and_after_each_change_and_only_then() {
    let mut rig = Rig::new().await;
    let running = rig.start().await;
    let call = rig.provider.call("/connect").await;
    let url = format!("https://weft.example/hooks/toy/{}", rig.channel);
    assert_eq!(call.body["webhook_url"], url);
    assert_eq!(call.body["reached_at"], url);
    assert_eq!(call.body["channel"], rig.channel.to_string());
    assert_eq!(rig.health().await, (Status::Connected, "Shop (@shop)".to_owned()));

    // nothing but its health changed
    rig.changed().await;
    rig.fleet.put(Account { version: 2, ..rig.account() });
    rig.changed().await;
    rig.connected().await;
    rig.provider.call("/connect").await;
    assert_eq!(rig.provider.unseen("/connect").await, 0);

    rig.fleet.put(Account { version: 3, enabled: false, ..rig.account() });
    rig.changed().await;
    assert_eq!(rig.health().await.0, Status::Disabled);
    let answer = rig.hook(&running, &json!({"events": []})).await;
    assert_eq!(answer.status, 404, "the change reached the cache");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_read_once_until_it_changes() {
    let mut rig = Rig::new().await;
    let running = rig.start().await;
    rig.connected().await;
    let call = json!({"events": []});
    for _ in 0..5 {
        assert_eq!(rig.hook(&running, &call).await.status, 200);
    }
    assert_eq!(rig.fleet.lookups(), 1);

    let mut changed = rig.account();
    changed.version = 2;
    let other = prost_types::Value { kind: Some(prost_types::value::Kind::StringValue("other".to_owned())) };
    changed.secrets.as_mut().unwrap().fields.insert("secret".to_owned(), other);
    rig.fleet.put(changed);
    rig.changed().await;
    rig.connected().await;
    assert_eq!(rig.hook(&running, &call).await.status, 401);
    let channel = rig.channel.to_string();
    assert_eq!(rig.hook_with(&running, "other", &channel, call.to_string()).await.status, 200);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_that_the_adapter_made_are_kept_and_do_not_make_it_connect_again() {
    let mut rig = Rig::new().await;
    rig.fleet.put(Account { secrets: None, ..rig.account() });
    rig.provider.answer("/connect", [Answer::Json(200, json!({"make_secret": "made"}))]);
    let running = rig.start().await;
    rig.connected().await;
    rig.provider.call("/connect").await;
    assert_eq!(rig.fleet.account(&rig.channel.to_string()).version, 2);
    let channel = rig.channel.to_string();
    let body = json!({"events": []}).to_string();
    assert_eq!(rig.hook_with(&running, "made", &channel, body).await.status, 200);

    // the directory tells of the change that was our own, and then of one that was not
    rig.changed().await;
    rig.fleet.put(Account { version: 3, ..rig.fleet.account(&channel) });
    rig.changed().await;
    rig.connected().await;
    rig.provider.call("/connect").await;
    running.stop().await;
    assert_eq!(rig.provider.unseen("/connect").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_must_mend_is_said_and_what_passes_is_tried_again() {
    let mut rig = Rig::new().await;
    rig.provider.answer("/connect", [Answer::Json(500, json!({})), Answer::Json(401, json!({}))]);
    let running = rig.start().await;
    assert_eq!(rig.health().await.0, Status::Degraded);
    let (status, why) = rig.health().await;
    assert_eq!(status, Status::Failed);
    assert!(why.contains("credentials"), "{why}");

    let mut broken = rig.account();
    broken.version = 2;
    let wrong = prost_types::Value { kind: Some(prost_types::value::Kind::NumberValue(5.0)) };
    broken.settings.as_mut().unwrap().fields.insert("api_base".to_owned(), wrong);
    rig.fleet.put(broken);
    rig.changed().await;
    let (status, why) = rig.health().await;
    assert_eq!(status, Status::Failed);
    assert!(why.contains("settings.api_base"), "{why}");
    assert_eq!(rig.hook(&running, &json!({})).await.status, 503);

    rig.fleet.put(Account { version: 3, ..rig.account() });
    rig.changed().await;
    rig.connected().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_replica_connects_an_account_for_all() {
    let mut rig = Rig::new().await;
    let (one, other) = (rig.start().await, rig.start().await);
    rig.connected().await;
    for version in 2..6 {
        rig.fleet.put(Account { version, ..rig.account() });
        rig.changed().await;
        rig.connected().await;
    }
    one.stop().await;
    other.stop().await;
    assert_eq!(rig.provider.unseen("/connect").await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_on_this_machine_is_given_where_we_listen_and_others_nothing() {
    let mut rig = Rig::new().await;
    rig.config.public_url = None;
    rig.config.listen_url = Some("http://127.0.0.1:7070".to_owned());
    let running = rig.start().await;
    let call = rig.provider.call("/connect").await;
    let url = format!("http://127.0.0.1:7070/hooks/toy/{}", rig.channel);
    assert_eq!(call.body["webhook_url"], url);
    rig.connected().await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_kinds_of_channels_are_not_ours() {
    let rig = Rig::new().await;
    let foreign = id::new::<id::Channel>().to_string();
    rig.fleet.put(Account { channel_id: foreign.clone(), kind: "other".to_owned(), ..rig.account() });
    let running = rig.start().await;
    let body = json!({"events": []}).to_string();
    assert_eq!(rig.hook_with(&running, "hush", &foreign, body).await.status, 404);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_credentials_expire_is_told_with_the_account() {
    let mut rig = Rig::new().await;
    rig.provider.answer("/connect", [Answer::Json(200, json!({"expires_at": "2030-01-02T03:04:05Z"}))]);
    let running = rig.start().await;
    let report = rig.report().await;
    assert_eq!(report.status(), Status::Connected);
    assert_eq!(report.token_expires_at.unwrap().to_string(), "2030-01-02T03:04:05Z");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_its_provider_calls_broken_shows_so() {
    let mut rig = Rig::new().await;
    let running = rig.start().await;
    rig.connected().await;
    let answer = rig.hook(&running, &json!({"account_fault": "the app was removed"})).await;
    assert_eq!(answer.status, 200);
    assert_eq!(rig.health().await, (Status::Failed, "the app was removed".to_owned()));
    running.stop().await;
}
