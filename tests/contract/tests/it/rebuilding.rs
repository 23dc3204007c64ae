//! The broker loses its disk (BUS-8).

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use tokio_util::sync::CancellationToken;
use weft_testkit::eventually;

use crate::{following, kept, scene::Scene, subscriber::Subscriber};

const PATIENCE: Duration = Duration::from_secs(30);
/// Published by adapters themselves each time they start, and in no outbox.
const ANNOUNCED: &str = "weft.v1.channelkind.announced";

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_lost_its_disk_under_load_is_rebuilt_and_nothing_is_lost_or_doubled() {
    let scene = Scene::start().await;
    let mut stranger = Subscriber::start(&scene.place, None);
    scene.customers_write().await;
    let reactions = scene.agents_work().await;
    stranger.wait_for("it follows", |numbers| numbers["events"].as_u64() >= Some(100)).await;

    let stop = CancellationToken::new();
    let breaking = async {
        tokio::time::timeout(PATIENCE, until_sent(&scene, 20)).await.unwrap();
        scene.lose_bus().await;
        let rebuilt = scene.weft(&["bus", "rebuild", "--since", "1h", "--in-hand", "3", "--json"]).await;
        assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
        let rebuilt: Value = serde_json::from_slice(&rebuilt.stdout).unwrap();
        assert!(
            rebuilt["events"].as_u64() > Some(200) && rebuilt["records"].as_u64() > Some(20),
            "{rebuilt}"
        );
        let sent = scene.sent().len();
        tokio::time::timeout(PATIENCE, until_sent(&scene, sent + 10)).await.unwrap();
        stop.cancel();
        rebuilt
    };
    let (accepted, rebuilt) = tokio::join!(scene.answer_until(&stop), breaking);
    let states = until_settled(&scene, &accepted).await;
    let sent = scene.sent();
    assert!(
        sent.values().all(|times| *times == 1 || sent["Coming."] == *times),
        "nothing goes out twice: {sent:?}"
    );
    let mut unclear = 0;
    for answer in &accepted {
        let (id, text) = (answer["id"].as_str().unwrap(), answer["text"].as_str().unwrap());
        match states[id].as_str() {
            "sent" => assert_eq!(sent.get(text), Some(&1), "{text}"),
            "unclear" => unclear += 1,
            state => panic!("{text} is {state}"),
        }
    }
    println!("REBUILD accepted={} unclear={unclear} {rebuilt}", accepted.len());

    scene.wait_for_outboxes().await;
    let events = following::events(&scene).await;
    following::wait_until_drained(&events).await;
    stranger.kill().await;
    let mut found = kept::by_stranger(&scene.place.database()).await;
    let bus = &scene.fleet.process().parts().bus;
    let mut expected = kept::by_fleet(&scene.admin, bus, &reactions).await;
    for all in [&mut found, &mut expected] {
        all.get_mut("told").unwrap().remove(ANNOUNCED);
    }
    for (table, rows) in &expected {
        assert_eq!(&found[table], rows, "{table}");
    }
    scene.stop().await;
}

async fn until_sent(scene: &Scene, count: usize) {
    eventually("answers go out", PATIENCE, async || (scene.sent().len() >= count).then_some(())).await;
}

/// The states of all answers, once none is on its way any more.
async fn until_settled(scene: &Scene, accepted: &[Value]) -> BTreeMap<String, String> {
    eventually("all answers have ended", PATIENCE * 2, async || {
        let mut states = BTreeMap::new();
        for conversation in scene.admin.list("/v1/conversations").await {
            let id = conversation["id"].as_str().unwrap();
            for message in scene.admin.list(&format!("/v1/conversations/{id}/messages")).await {
                let text = |name: &str| message[name].as_str().unwrap().to_owned();
                states.insert(text("id"), text("state"));
            }
        }
        let ended = |answer: &Value| {
            let state = states[answer["id"].as_str().unwrap()].as_str();
            !matches!(state, "queued" | "sending")
        };
        accepted.iter().all(ended).then_some(states)
    })
    .await
}
