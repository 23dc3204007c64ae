use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use weft_channel_telegram::simulator::Content;
use weft_tests_fleet::{Engines, Fleet, Live, Provider, Weft};

const ADA: i64 = 1_000_000_001;
const PATIENCE: Duration = Duration::from_secs(20);

/// A customer writes, an agent answers: the overview shows it, and shows the same after a rebuild from the command line.
#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn the_overview_shows_what_happened_and_a_rebuild_comes_to_the_same(#[case] engines: Engines) {
    let fleet = Fleet::start(engines).await;
    let admin = fleet.admin().await;
    let provider = Provider::start().await;
    let channel = provider.connect(&fleet, &admin).await;
    let mut live = Live::subscribe(&admin).await;
    provider.simulator.add_customer(ADA, "Ada", "en");
    provider.simulator.customer_says(ADA, Content::Text("Where is my order?".into())).unwrap();
    let message = live.event("message.created", |data| Some(data["message"].clone())).await;
    let waiting = overview_where(&fleet, |shown| shown["live"]["waiting"] == 1).await;
    assert_eq!(waiting["live"]["open"], 1);
    assert_eq!(waiting["live"]["oldest_waiting_since"], message["created_at"]);

    let conversation = message["conversation_id"].as_str().unwrap();
    let answer = json!({"text": "On its way, Ada."});
    admin.post(&format!("/v1/conversations/{conversation}/messages"), &answer).await;
    provider.simulator.wait_for_sent(1).await;
    let shown = overview_where(&fleet, |shown| shown["total"]["first_response"]["count"] == 1).await;
    assert_eq!(shown["live"]["waiting"], 0);
    let total = &shown["total"];
    let counts = ["conversations_new", "messages_in", "messages_out"].map(|name| total[name].clone());
    assert_eq!(counts, [1, 1, 1]);
    assert_eq!(
        (&shown["by_channel"][0]["id"], &shown["by_channel"][0]["kind"]),
        (&channel.into(), &"telegram".into())
    );
    let me = admin.get("/v1/me").await;
    let mine = shown["by_agent"].as_array().unwrap().iter().find(|of| of["id"] == me["user"]["id"]).unwrap();
    assert_eq!(mine["figures"]["messages_out"], 1);

    let variables = [("WEFT_URL", fleet.base.as_str()), ("WEFT_TOKEN", admin.token())];
    let rebuilt = Weft::command(&std::env::temp_dir(), &["analytics", "rebuild", "--json"], &variables).await;
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
    let rebuilt: Value = serde_json::from_slice(&rebuilt.stdout).unwrap();
    assert_eq!((&rebuilt["state"], &rebuilt["computed_since"]), (&"done".into(), &Value::Null));
    assert_eq!(overview(&fleet).await["total"], shown["total"]);
    fleet.stop().await;
}

async fn overview(fleet: &Fleet) -> Value {
    fleet.admin().await.get("/v1/analytics/overview?timezone=Asia/Kolkata&interval=hour").await
}

/// The figures follow the events, so they are waited for.
async fn overview_where(fleet: &Fleet, wanted: impl Fn(&Value) -> bool) -> Value {
    let admin = fleet.admin().await;
    weft_testkit::eventually("the figures are there", PATIENCE, async || {
        Some(admin.get("/v1/analytics/overview").await).filter(&wanted)
    })
    .await
}
