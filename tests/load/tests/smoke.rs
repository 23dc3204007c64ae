//! The generator works: each kind of load for a moment, on a small fleet, with everything accounted for.

use std::time::Duration;

use weft_tests_fleet::ClusterOptions;
use weft_tests_load::{Bulk, Options, Rig, sections};

const MOMENT: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_load_is_accepted_measured_and_accounted_for() {
    let options = Options {
        step: MOMENT,
        only: Vec::new(),
        target: None,
        messages: 1_000,
        sockets: vec![20],
        customers: 20,
        from_rate: 50,
    };
    let cluster =
        ClusterOptions::usual().with_replicas("conversation=2,gateway=2,channel-telegram=1").unwrap();
    let mut rig = Rig::start(options, cluster).await.unwrap();
    let outcome = sections::step(&rig, 50, Duration::from_secs(5)).await.unwrap();
    assert_eq!((outcome.sent, outcome.accepted), (250, 250));
    assert!(outcome.complete);
    assert_eq!(outcome.latency.len(), 500, "each message on a socket at each of two gateways");

    let conversations = rig.admin.list(&format!("/v1/conversations?channel={}", rig.channel)).await;
    let ids = conversations.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    let block = sections::send_answers(&rig, ids, 10, MOMENT).await;
    assert_eq!((block.accepted(), block.latency().len()), (20, 20), "each answer reaches the provider once");
    let block = sections::write_from_pages(&rig, 5, 20, MOMENT).await.unwrap();
    assert_eq!(block.accepted(), 40);

    let kept = rig.check().await;
    assert_eq!(kept.accepted, 310);
    assert!(kept.is_whole(), "{kept}");

    let history =
        rig.admin.post("/v1/channels", &serde_json::json!({"kind": "webchat", "name": "Old"})).await;
    let cluster = rig.cluster.as_ref().unwrap();
    let bulk = Bulk::plan(cluster, history["id"].as_str().unwrap(), 1_000).await.unwrap();
    bulk.load().await.unwrap();
    let one = &bulk.conversations()[0];
    let page = rig.admin.get(&format!("/v1/conversations/{one}/messages?page_size=50")).await;
    assert_eq!(page["items"].as_array().unwrap().len(), 50);
    let waited = sections::read_lists(&rig, &bulk, 20, MOMENT).await.unwrap();
    assert!(waited.iter().all(|(_, latency)| latency.len() == 10));
    rig.cluster.take().unwrap().stop().await.unwrap();
}
