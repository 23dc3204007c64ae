use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use rstest::rstest;
use tokio::sync::mpsc;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weft_bus::{ConsumerSpec, Delivery, Outcome, Stream};

use crate::rig::{Kind, Rig, done, event, event_on, retry, run, spec, vanish_with};

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn what_was_acked_does_not_come_again(#[case] kind: Kind) {
    let mut rig = Rig::new(kind).await;
    let mut running = rig.run(&spec("c"), done).await;
    for id in ["1", "2", "3"] {
        rig.bus.publish(Stream::In, event(id, "k")).await.unwrap();
    }
    assert_eq!(running.ids(3).await, ["1", "2", "3"]);
    running.stop().await;
    rig.bus.publish(Stream::In, event("4", "k")).await.unwrap();
    rig.restart().await;
    rig.bus.publish(Stream::In, event("5", "k")).await.unwrap();
    let mut running = rig.run(&spec("c"), done).await;
    assert_eq!(running.ids(2).await, ["4", "5"]);
    running.stop().await;
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn later_events_of_a_key_wait_for_the_retry_of_an_earlier_one(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let ids = [("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a"), ("b2", "b")];
    let batch = ids.map(|(id, key)| event(id, key)).to_vec();
    rig.bus.publish_all(Stream::In, batch).await.unwrap();
    let mut running = rig
        .run(&spec("c"), |delivery| match (delivery.event.id.as_str(), delivery.attempts) {
            ("a1", ..3) => retry(),
            _ => Outcome::Done,
        })
        .await;
    let mut seen = Vec::new();
    for _ in 0..7 {
        let delivery = running.next().await;
        seen.push((delivery.event.id, delivery.attempts));
    }
    let of = |key: &str| {
        let mine = seen.iter().filter(|(id, _)| id.starts_with(key));
        mine.map(|(id, attempts)| (id.as_str(), *attempts)).collect::<Vec<_>>()
    };
    assert_eq!(of("a"), [("a1", 1), ("a1", 2), ("a1", 3), ("a2", 1), ("a3", 1)]);
    assert_eq!(of("b"), [("b1", 1), ("b2", 1)]);
    let place = |id: &str| seen.iter().position(|(seen, _)| seen == id).unwrap();
    assert!(place("b2") < place("a2"), "{seen:?}");
    running.stop().await;
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn a_consumer_gets_only_what_it_asked_for(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let echo = ConsumerSpec::new("echo", Stream::Out, &["weft.out.echo.>"]);
    let acme = ConsumerSpec::new("acme", Stream::Out, &["weft.out.acme.1", "weft.out.acme.2"]);
    rig.bus.migrate(&[echo.clone(), acme.clone()]).await.unwrap();
    for (subject, id) in [("acme.1", "v1"), ("echo.9", "t1"), ("acme.3", "v3"), ("acme.2", "v2")] {
        rig.bus.publish(Stream::Out, event_on(&format!("weft.out.{subject}"), id, "")).await.unwrap();
    }
    let mut running = rig.run(&acme, done).await;
    assert_eq!(running.ids(2).await, ["v1", "v2"]);
    running.stop().await;
    let mut running = rig.run(&echo, done).await;
    assert_eq!(running.ids(1).await, ["t1"]);
    running.stop().await;
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn what_a_vanished_consumer_held_goes_to_the_next_one_in_order(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    rig.bus.publish_all(Stream::In, vec![event("1", "k"), event("2", "k"), event("3", "")]).await.unwrap();
    // Longer than the server keeps a silent runner's place, so that the next one is at work before the events are back.
    let spec = ConsumerSpec { ack_wait: Duration::from_secs(7), ..spec("c") };
    rig.bus.migrate(std::slice::from_ref(&spec)).await.unwrap();
    vanish_with(&rig.bus, &spec).await;
    rig.bus.publish(Stream::In, event("4", "k")).await.unwrap();
    let mut running = rig.run(&spec, done).await;
    let ids = running.ids(4).await;
    let of_key: Vec<&str> = ids.iter().map(String::as_str).filter(|id| *id != "3").collect();
    assert_eq!(of_key, ["1", "2", "4"]);
    running.stop().await;
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn of_two_runners_one_works_and_the_other_takes_over(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let mut first = rig.run(&spec("c"), done).await;
    rig.bus.publish(Stream::In, event("0", "k")).await.unwrap();
    assert_eq!(first.ids(1).await, ["0"]);
    let mut second = rig.run(&spec("c"), done).await;
    let batch = (1..=200).map(|n| event(&n.to_string(), "k")).collect();
    rig.bus.publish_all(Stream::In, batch).await.unwrap();
    let expected: Vec<String> = (1..=200).map(|n| n.to_string()).collect();
    assert_eq!(first.ids(200).await, expected);
    first.stop().await;
    rig.bus.publish(Stream::In, event("201", "k")).await.unwrap();
    assert_eq!(second.ids(1).await, ["201"]);
    second.stop().await;
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn a_handler_slower_than_the_patience_is_not_given_the_event_twice(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let spec = ConsumerSpec { ack_wait: Duration::from_secs(1), ..spec("c") };
    rig.bus.migrate(std::slice::from_ref(&spec)).await.unwrap();
    let (seen, mut reports) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let work = rig.bus.consume(&spec).await.unwrap().remove(0).run(
        stop.clone(),
        move |deliveries: Vec<Delivery>| {
            let seen = seen.clone();
            async move {
                for delivery in &deliveries {
                    if delivery.event.id == "slow" {
                        tokio::time::sleep(spec.ack_wait * 3).await;
                    }
                    seen.send((delivery.event.id.clone(), delivery.attempts)).unwrap();
                }
                vec![Outcome::Done; deliveries.len()]
            }
        },
    );
    let task = TaskTracker::new().spawn(work);
    rig.bus.publish_all(Stream::In, vec![event("slow", "k"), event("behind", "k")]).await.unwrap();
    assert_eq!(reports.recv().await.unwrap(), ("slow".to_owned(), 1));
    assert_eq!(reports.recv().await.unwrap(), ("behind".to_owned(), 1));
    stop.cancel();
    task.await.unwrap().unwrap();
    if kind == Kind::JetStream {
        let context = async_nats::jetstream::new(async_nats::connect(&rig.settings.url).await.unwrap());
        let info = context.get_stream("IN").await.unwrap().consumer_info("c").await.unwrap();
        assert_eq!(info.delivered.consumer_sequence, 2, "the server delivered something again");
    }
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn a_panic_and_a_missing_outcome_are_retries(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let spec = spec("c");
    rig.bus.migrate(std::slice::from_ref(&spec)).await.unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let stop = CancellationToken::new();
    let work = rig.bus.consume(&spec).await.unwrap().remove(0).run(stop.clone(), {
        let (seen, stop) = (Arc::clone(&seen), stop.clone());
        move |deliveries: Vec<Delivery>| {
            let (seen, stop) = (Arc::clone(&seen), stop.clone());
            async move {
                let delivery = &deliveries[0];
                seen.lock().unwrap().push((delivery.event.id.clone(), delivery.attempts));
                match delivery.attempts {
                    1 => panic!("as the test wants"),
                    2 => Vec::new(),
                    _ => {
                        stop.cancel();
                        vec![Outcome::Done]
                    }
                }
            }
        }
    });
    rig.bus.publish(Stream::In, event("1", "k")).await.unwrap();
    work.await.unwrap();
    assert_eq!(*seen.lock().unwrap(), [("1".to_owned(), 1), ("1".to_owned(), 2), ("1".to_owned(), 3)]);
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn several_of_a_key_come_together_when_asked_for(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    rig.bus.publish_all(Stream::In, (0..20).map(|n| event(&n.to_string(), "k")).collect()).await.unwrap();
    let spec = spec("c");
    rig.bus.migrate(std::slice::from_ref(&spec)).await.unwrap();
    let mut running = run(rig.bus.consume(&spec).await.unwrap().remove(0).several_per_key(), done);
    assert_eq!(running.ids(20).await, (0..20).map(|n| n.to_string()).collect::<Vec<_>>());
    running.stop().await;
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn consumers_that_cannot_be_are_refused(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let one = spec("one");
    assert_eq!(rig.bus.consume(&one).await.err().unwrap().reason(), "consumer_missing");
    let narrow = ConsumerSpec::new("two", Stream::In, &["weft.in.7.*"]);
    let both = rig.bus.migrate(&[one.clone(), narrow.clone()]).await.unwrap_err();
    assert_eq!(both.reason(), "consumers_compete");
    rig.bus.migrate(std::slice::from_ref(&one)).await.unwrap();
    rig.bus.migrate(&[one]).await.unwrap();
    assert_eq!(rig.bus.migrate(&[narrow]).await.unwrap_err().reason(), "consumers_compete");
    let astray = ConsumerSpec::new("three", Stream::In, &["weft.out.>"]);
    assert_eq!(rig.bus.migrate(&[astray]).await.unwrap_err().field(), Some("filters"));
    let events = |name| ConsumerSpec::new(name, Stream::Events, &["weft.events.>"]);
    rig.bus.migrate(&[events("audit"), events("stats")]).await.unwrap();
}
