//! What was sent is changed at the provider, however often that has to be asked for.

use serde_json::json;
use weft_channel::{Change, change};
use weft_domain::id;
use weft_proto::{
    channel::v1::{ChangeEnded, Inbound, inbound, order},
    json as proto_json,
};

use crate::{
    provider::Answer,
    rig::{Incoming, Rig},
};

fn edit(number: u32) -> Change {
    Change {
        message_id: id::new::<id::Message>().to_string(),
        thread_id: "thread-1".to_owned(),
        number,
        provider_message_ids: vec!["out-1".to_owned()],
        change: Some(change::Change::Edit(change::Edit {
            text: "new".to_owned(),
            ..change::Edit::default()
        })),
        ..Change::default()
    }
}

async fn ended(incoming: &mut Incoming) -> ChangeEnded {
    let inbound: Inbound = proto_json::decode(&incoming.event().await.data).unwrap();
    match inbound.event {
        Some(inbound::Event::ChangeEnded(ended)) => ended,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_made_again_until_the_provider_has_it_and_its_end_is_told_once() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    let faults = [Answer::Json(503, json!({})), Answer::Broken, Answer::RetryAfter(1)];
    rig.provider.answer("/change", faults);
    let change = edit(1);
    rig.order(order::Order::Change(change.clone())).await;
    let told = ended(&mut incoming).await;
    assert_eq!((told.message_id, told.number, told.reason.as_str()), (change.message_id.clone(), 1, ""));
    for _ in 0..4 {
        assert_eq!(rig.provider.call("/change").await.body, json!({"ids": ["out-1"], "number": 1}));
    }
    assert_eq!(rig.provider.unseen("/change").await, 0);

    // the same order once more changes nothing that anybody hears of
    rig.order(order::Order::Change(change)).await;
    let next = edit(1);
    rig.order(order::Order::Change(next.clone())).await;
    assert_eq!(ended(&mut incoming).await.message_id, next.message_id);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_changed_is_told_with_the_reason() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    rig.provider.answer("/change", [Answer::Json(400, json!({})), Answer::RetryAfter(3600)]);
    for words in ["status 400", "slow down"] {
        rig.order(order::Order::Change(edit(1))).await;
        let reason = ended(&mut incoming).await.reason;
        assert!(reason.contains(words), "{reason}");
        rig.provider.call("/change").await;
    }
    let fault = Change { provider_message_ids: vec!["panic".to_owned()], ..edit(2) };
    rig.order(order::Order::Change(fault.clone())).await;
    let told = ended(&mut incoming).await;
    assert_eq!((told.message_id, told.number), (fault.message_id, 2));
    assert!(told.reason.contains("a fault of ours"), "{}", told.reason);
    let nameless = Change { provider_message_ids: Vec::new(), ..edit(1) };
    rig.order(order::Order::Change(nameless)).await;
    assert!(ended(&mut incoming).await.reason.contains("name"));
    running.stop().await;

    let cannot = rig.start_as(|toy| toy.capabilities.changes.edits = false).await;
    rig.order(order::Order::Change(edit(1))).await;
    assert!(ended(&mut incoming).await.reason.contains("does not support"));
    assert_eq!(rig.provider.unseen("/change").await, 0);
    cannot.stop().await;
}
