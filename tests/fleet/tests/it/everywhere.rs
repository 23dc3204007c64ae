use std::collections::BTreeSet;

use serde_json::json;
use weft_fleet::roster;
use weft_tests_fleet::{Client, Live, PASSWORD, Weft};

#[tokio::test(flavor = "multi_thread")]
async fn on_every_channel_customers_are_heard_and_answers_reach_them() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [
        ("WEFT_GATEWAY__LISTEN", "127.0.0.1:0"),
        ("WEFT_HTTP__ALLOW_PRIVATE", "true"),
        ("WEFT_BOOTSTRAP__ADMIN_PASSWORD", PASSWORD),
    ];
    let mut weft = Weft::run(folder.path(), &["up", "--demo"], &variables);
    let base = weft.answers_at().await;
    let admin = Client::sign_in(&base, "admin@demo.test", PASSWORD).await;
    admin.wait_for_kinds().await;
    let mut live = Live::subscribe(&admin).await;

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/demo/hotel.yaml");
    let lines = std::fs::read_to_string(script).unwrap();
    let simulate = ["simulate", "all", "--listen", "127.0.0.1:0", "--customers", "2", "--rate", "10"];
    let simulate = [simulate.as_slice(), &["--script", script]].concat();
    let mut customers = Weft::run(folder.path(), &simulate, &[("WEFT_URL", &base)]);
    let played = roster::ENTRIES.iter().filter(|entry| entry.simulator.is_some());
    let played: BTreeSet<String> =
        played.filter_map(|entry| entry.name.strip_prefix("channel-").map(str::to_owned)).collect();
    let mut heard = BTreeSet::new();
    while heard != played {
        let conversation = live
            .event("message.created", |data| {
                let message = &data["message"];
                let is_scripted = lines.contains(message["text"].as_str().unwrap_or_default().trim());
                (message["direction"] == "inbound" && is_scripted).then(|| message["conversation_id"].clone())
            })
            .await;
        let path = format!("/v1/conversations/{}", conversation.as_str().unwrap());
        let kind = admin.get(&path).await["channel"]["kind"].as_str().unwrap().to_owned();
        if heard.insert(kind.clone()) {
            let answer = json!({"text": format!("An answer on {kind}.")});
            admin.post(&format!("{path}/messages"), &answer).await;
        }
    }
    let mut unanswered = played;
    while !unanswered.is_empty() {
        let reached = customers
            .wait_for(&format!("answers on {unanswered:?}"), |line| {
                let kind = unanswered.iter().find(|kind| {
                    line.starts_with(&format!("{kind}: ")) && line.contains(&format!("An answer on {kind}."))
                });
                kind.cloned()
            })
            .await;
        unanswered.remove(&reached);
    }
    customers.kill().await;
    assert!(weft.terminate().await.success());
}
