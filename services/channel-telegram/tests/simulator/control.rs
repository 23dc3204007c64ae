use std::collections::BTreeSet;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use weft_channel::SimulationOptions;

use crate::harness::{ADA, World};

#[tokio::test]
async fn customers_and_faults_can_be_driven_from_outside() {
    let world = World::start().await;
    let customer = format!("{}/simulator/customers/{ADA}/messages", world.base);
    assert_eq!(world.post(&customer, json!({"text": "Hello"})).await.0, 201);
    assert_eq!(world.post(&customer, json!({"photo": {"caption": "Lid"}})).await.0, 201);
    assert_eq!(world.post(&customer, json!({"edit": {"message_id": 999, "text": "x"}})).await.0, 400);

    let fault = json!({"kind": "rate_limited", "retry_after": 5, "for_next": 1, "methods": ["sendMessage"]});
    assert_eq!(world.post(&format!("{}/simulator/faults", world.base), fault).await.0, 204);
    let send = json!({"chat_id": ADA, "text": "Hi"});
    assert_eq!(world.call("sendMessage", send.clone()).await.0, 429);
    assert_eq!(world.call("sendMessage", send).await.0, 200);

    let sent = world.get("/simulator/sent").await;
    assert_eq!((sent[0]["text"].as_str(), sent[0]["chat_id"].as_i64()), (Some("Hi"), Some(ADA)));
    let state = world.get("/simulator/state").await;
    assert_eq!((state["sent"].as_u64(), state["pending_updates"].as_u64()), (Some(1), Some(2)));
}

#[tokio::test]
async fn playing_writes_as_many_messages_as_asked_in_everybodys_language() {
    let world = World::start().await;
    let options = SimulationOptions {
        customers: 14,
        per_second: 1000.0,
        messages: Some(70),
        ..SimulationOptions::default()
    };
    world.simulator.play(options, CancellationToken::new()).await.unwrap();
    let updates = world.simulator.pending_updates();
    assert_eq!(updates.len(), 70);
    let languages: BTreeSet<&str> =
        updates.iter().filter_map(|update| update["message"]["from"]["language_code"].as_str()).collect();
    assert_eq!(languages, BTreeSet::from(["en", "ja", "uk"]));
}
