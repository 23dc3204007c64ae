use std::time::Duration;

use async_nats::jetstream::{
    self,
    consumer::{DeliverPolicy, PullConsumer, pull},
    stream::Stream as Events,
};
use futures::{StreamExt, TryStreamExt};
use weft_bus::{OutsideReader, Stream};

use crate::rig::{Kind, Rig, event_on};

const MINE: &str = "weft.events.mine.x.y";
const THEIRS: &str = "weft.events.theirs.x.y";

fn reader(name: &str) -> OutsideReader {
    OutsideReader {
        name: name.to_owned(),
        filters: vec!["weft.events.mine.*.*".to_owned()],
        since: None,
        ack_wait: Duration::from_secs(7),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_outside_is_given_what_is_its_and_begins_anew_only_when_told_to() {
    let rig = Rig::new(Kind::JetStream).await;
    rig.bus.migrate_outside_readers(&[reader("crm"), reader("bi")]).await.unwrap();
    for (id, subject) in [("1", MINE), ("2", THEIRS), ("3", MINE)] {
        rig.bus.publish(Stream::Events, event_on(subject, id, "")).await.unwrap();
    }
    let client = async_nats::connect(rig.nats.as_ref().unwrap().url()).await.unwrap();
    let events = jetstream::new(client).get_stream("EVENTS").await.unwrap();
    assert_eq!(take(&events, 2).await, ["1", "3"]);
    let info = consumer(&events).await.cached_info().clone();
    assert_eq!((info.config.ack_wait, info.config.max_deliver), (Duration::from_secs(7), -1));

    rig.bus.migrate_outside_readers(&[reader("crm")]).await.unwrap();
    rig.bus.publish(Stream::Events, event_on(MINE, "4", "")).await.unwrap();
    assert_eq!(take(&events, 1).await, ["4"], "it goes on where it was");
    let names: Vec<String> = events.consumer_names().try_collect().await.unwrap();
    assert_eq!(names, ["reader-crm"], "who is no reader any more has no consumer");

    let since = Some(chrono::Utc::now() - chrono::TimeDelta::hours(1));
    rig.bus.migrate_outside_readers(&[OutsideReader { since, ..reader("crm") }]).await.unwrap();
    assert_eq!(take(&events, 3).await, ["1", "3", "4"], "it begins with what is of that time");
    let policy = consumer(&events).await.cached_info().config.deliver_policy;
    assert!(matches!(policy, DeliverPolicy::ByStartTime { .. }));
}

#[tokio::test]
async fn a_reader_of_other_streams_or_without_a_name_is_refused() {
    let rig = Rig::new(Kind::Embedded).await;
    let wrong = [
        OutsideReader { filters: vec!["weft.in.>".to_owned()], ..reader("crm") },
        OutsideReader { filters: Vec::new(), ..reader("crm") },
        OutsideReader { ack_wait: Duration::ZERO, ..reader("crm") },
        reader("C.R.M"),
        reader(""),
    ];
    for one in wrong {
        let refused = rig.bus.migrate_outside_readers(std::slice::from_ref(&one)).await.unwrap_err();
        assert_eq!(refused.reason(), "invalid_consumer", "{one:?}");
    }
}

async fn consumer(events: &Events) -> PullConsumer {
    events.get_consumer::<pull::Config>("reader-crm").await.unwrap()
}

async fn take(events: &Events, count: usize) -> Vec<String> {
    let mut messages = consumer(events).await.fetch().max_messages(count + 1).messages().await.unwrap();
    let mut ids = Vec::new();
    while let Some(message) = messages.next().await {
        let message = message.unwrap();
        message.ack().await.unwrap();
        ids.push(message.headers.as_ref().unwrap().get("ce-id").unwrap().to_string());
    }
    ids
}
