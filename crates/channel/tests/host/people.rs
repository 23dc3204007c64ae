use serde_json::json;
use weft_proto::channel::v1::Inbound;

use crate::{provider::Answer, rig::Rig};

fn contact(event: &Inbound) -> String {
    event.thread.as_ref().unwrap().contact.as_ref().unwrap().name.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_whom_events_only_name_by_an_id_is_asked_for_once() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    rig.provider.answer("/person/ada", [Answer::Json(200, json!({"id": "Ada"}))]);
    let entry = |key: &str| json!({"events": [{"key": key, "thread": "ada", "text": "Hi", "name": ""}]});

    for key in ["k1", "k2"] {
        assert_eq!(rig.hook(&running, &entry(key)).await.status, 200);
        let event = incoming.next().await;
        assert_eq!((contact(&event), event.thread.unwrap().title), ("Ada".to_owned(), "Ada".to_owned()));
    }
    assert_eq!(rig.provider.unseen("/person").await, 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_does_not_tell_who_somebody_is_holds_nothing_up() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    rig.provider.answer("/person/ada", [Answer::Never]);
    rig.provider.answer("/person/bob", [Answer::Json(500, json!([]))]);
    for thread in ["ada", "bob"] {
        let entry = json!({"events": [{"key": thread, "thread": thread, "text": "Hi", "name": ""}]});
        assert_eq!(rig.hook(&running, &entry).await.status, 200);
        assert_eq!(contact(&incoming.next().await), "");
    }
    running.stop().await;
}
