use std::time::Duration;

use async_nats::{
    ConnectOptions, HeaderMap,
    jetstream::{self, consumer::pull, stream::Stream},
};
use serde_json::json;
use weft_bus::Stream as Kind;
use weft_testkit::eventually;

use crate::{
    kept,
    scene::{PERSONAL, Scene},
    subscriber::Subscriber,
};

const PATIENCE: Duration = Duration::from_secs(20);
/// So many events a service publishes again that died before it could note that it had published them.
const REPEATED: u64 = 60;

/// A program in another language, written from the documents alone and killed twice, keeps row by row what the fleet has.
#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_is_killed_and_hears_things_twice_keeps_what_the_fleet_keeps() {
    let scene = Scene::start().await;
    let events = events(&scene).await;
    let mut first = Subscriber::start(&scene.place, Some(40));
    scene.customers_write().await;
    first.wait_for("forty events are kept", |numbers| numbers["events"].as_u64() >= Some(40)).await;
    let mut said = first.kill().await;

    let mut second = Subscriber::start(&scene.place, None);
    let reactions = scene.agents_work().await;
    second.wait_for("some more are kept", |numbers| numbers["events"].as_u64() >= Some(40)).await;
    said += &second.kill().await;

    let mut third = Subscriber::start(&scene.place, None);
    scene.wait_for_outboxes().await;
    publish_again(&events, &scene).await;
    wait_until_drained(&events).await;
    let numbers = third
        .wait_for("repeated events are known", |numbers| numbers["repeated"].as_u64() >= Some(REPEATED))
        .await;
    assert_eq!(numbers["faults"], json!({}), "every event is as the documents say");
    said += &third.kill().await;

    let found = kept::by_stranger(&scene.place.database()).await;
    let bus = &scene.fleet.process().parts().bus;
    let expected = kept::by_fleet(&scene.admin, bus, &reactions).await;
    for (table, rows) in &expected {
        assert!(!rows.is_empty(), "{table}");
        assert_eq!(&found[table], rows, "{table}");
    }
    assert_eq!(found["conversations"].len(), 12, "six customers, three visitors, three who came back");
    for word in PERSONAL {
        assert!(!said.contains(word), "it prints numbers only: {word}");
    }
    scene.stop().await;
}

/// The stream as its operator sees it.
pub(crate) async fn events(scene: &Scene) -> Stream {
    let options = ConnectOptions::with_user_and_password("fleet".to_owned(), "fleet".to_owned());
    let client = options.connect(scene.place.server.clone()).await.unwrap();
    jetstream::new(client).get_stream("EVENTS").await.unwrap()
}

/// The newest events once more, in their order, when the server no longer knows their ids.
async fn publish_again(events: &Stream, scene: &Scene) {
    let options = ConnectOptions::with_user_and_password("fleet".to_owned(), "fleet".to_owned());
    let client = options.connect(scene.place.server.clone()).await.unwrap();
    let context = jetstream::new(client);
    let last = scene.fleet.process().parts().bus.last_cursor(Kind::Events).await.unwrap();
    for sequence in last - REPEATED + 1..=last {
        let message = events.direct_get(sequence).await.unwrap();
        let mut headers = HeaderMap::new();
        let told = message.headers.iter().filter(|(name, _)| !name.to_string().starts_with("Nats-"));
        told.for_each(|(name, values)| headers.insert(name.clone(), values[0].clone()));
        headers.insert("Nats-Msg-Id", format!("again-{sequence}"));
        let subject = message.subject;
        context.publish_with_headers(subject, headers, message.payload).await.unwrap().await.unwrap();
    }
}

pub(crate) async fn wait_until_drained(events: &Stream) {
    eventually("the reader has acknowledged everything", PATIENCE, async || {
        let consumer = events.get_consumer::<pull::Config>("reader-stranger").await.unwrap();
        let info = consumer.cached_info();
        (info.num_pending == 0 && info.num_ack_pending == 0).then_some(())
    })
    .await;
}
