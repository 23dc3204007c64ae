use serde_json::json;
use weft_proto::directory::v1::{Account, health::Status};

use crate::{
    provider::Answer,
    rig::{PATIENCE, Rig},
};

fn page(key: &str, next: &str) -> Answer {
    Answer::Json(200, json!({"events": [{"key": key, "thread": "t", "text": key}], "next": next}))
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_reaches_us_the_provider_is_asked_and_the_cursor_follows_the_bus() {
    let mut rig = Rig::new().await;
    rig.config.public_url = None;
    rig.provider.answer("/poll/start", [page("a", "c1")]);
    rig.provider.answer("/poll/c1", [page("b", "c2"), Answer::Json(500, json!({}))]);
    rig.provider.answer("/poll/c2", [Answer::Json(500, json!({})), page("c", "c3")]);
    let mut incoming = rig.incoming().await;
    let running = rig.start().await;
    for expected in ["a", "b", "c"] {
        assert_eq!(incoming.text().await, expected);
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_on_the_bus_is_not_confirmed() {
    let mut rig = Rig::new().await;
    rig.config.public_url = None;
    rig.provider.answer("/poll/start", [Answer::Never]);
    let running = rig.start().await;
    rig.provider.call("/poll/start").await;
    running.die().await;

    // its lease is still there; it belongs to a replica that is gone
    rig.cache = weft_cache::Cache::in_process(1 << 20);
    rig.provider.answer("/poll/start", [page("a", "c1")]);
    let mut incoming = rig.incoming().await;
    let next = rig.start().await;
    assert_eq!(incoming.text().await, "a");
    rig.bus.close().await;
    rig.provider.answer("/poll/c1", (0..5).map(|_| page("b", "c2")));
    rig.provider.call("/poll/c1").await;
    rig.provider.call("/poll/c1").await;
    assert_eq!(rig.provider.unseen("/poll/c2").await, 0);
    next.die().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_may_not_ask_is_reported() {
    let mut rig = Rig::new().await;
    rig.config.public_url = None;
    rig.provider.answer("/poll/start", [Answer::Json(401, json!({}))]);
    let running = rig.start().await;
    rig.connected().await;
    let (status, why) = rig.health().await;
    assert_eq!(status, Status::Failed);
    assert!(why.contains("credentials"), "{why}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_replica_at_a_time_asks_and_a_stop_hands_over() {
    let mut rig = Rig::new().await;
    rig.config.public_url = None;
    rig.provider.answer("/poll/start", [Answer::Never, page("a", "c1")]);
    let one = rig.start().await;
    rig.connected().await;
    rig.provider.call("/poll/start").await;
    let other = rig.start().await;
    let mut incoming = rig.incoming().await;
    assert_eq!(rig.provider.unseen("/poll").await, 0);
    one.stop().await;
    assert_eq!(incoming.text().await, "a");
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_is_broken_off_by_a_change_of_the_account_and_by_nothing_less() {
    let mut rig = Rig::new().await;
    rig.config.public_url = None;
    rig.provider.answer("/connect", [Answer::Json(200, json!({"make_secret": "made"}))]);
    rig.provider.answer("/poll/start", [Answer::Never, Answer::Never, Answer::Never]);
    let running = rig.start().await;
    rig.connected().await;
    let asked = rig.provider.call("/poll/start").await;
    assert_eq!(asked.authorization.as_deref(), Some("made"), "a poll knows the secret that connecting made");

    // of the secret that we made ourselves, and of its health; the second was taken up after the first was dealt with
    let lookups = rig.fleet.lookups();
    for seen in 1..=2 {
        rig.changed().await;
        let looked = async || (rig.fleet.lookups() >= lookups + seen).then_some(());
        weft_testkit::eventually("the change is looked at", PATIENCE, looked).await;
    }
    let channel = rig.channel.to_string();
    for _ in 0..20 {
        let body = json!({"events": []}).to_string();
        assert_eq!(rig.hook_with(&running, "made", &channel, body).await.status, 200);
    }
    rig.fleet.put(Account { version: 3, ..rig.fleet.account(&channel) });
    rig.changed().await;
    rig.connected().await;
    rig.provider.call("/poll/start").await;
    running.stop().await;
    assert_eq!(rig.provider.unseen("/poll").await, 0);
}
