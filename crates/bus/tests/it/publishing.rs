use futures::future::join_all;
use rstest::rstest;
use weft_bus::{MAX_EVENT_BYTES, Published, Stream};
use weft_domain::ErrorCode;

use crate::rig::{Kind, Rig, done, event, event_on, spec};

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn what_is_published_arrives_as_it_was(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let sent = event("1", "a");
    let published = rig.bus.publish(Stream::In, sent.clone()).await.unwrap();
    let mut running = rig.run(&spec("c"), done).await;
    let got = running.next().await;
    assert_eq!((got.event, got.cursor, got.attempts), (sent, published.cursor, 1));
    running.stop().await;
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn a_repeated_id_is_stored_once(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let first = rig.bus.publish(Stream::In, event("1", "a")).await.unwrap();
    let again = rig.bus.publish(Stream::In, event("1", "a")).await.unwrap();
    assert_eq!((first.duplicate, again), (false, Published { duplicate: true, ..first }));
    let elsewhere = rig.bus.publish(Stream::Events, event_on("weft.events.t.x.y", "1", "a")).await.unwrap();
    assert!(!elsewhere.duplicate);
    assert_eq!(rig.bus.last_cursor(Stream::In).await.unwrap(), first.cursor);
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn a_batch_with_a_known_id_is_published_all_the_same(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let known = rig.bus.publish(Stream::In, event("b", "k")).await.unwrap();
    let batch = ["a", "b", "c", "a"].map(|id| event(id, "k")).to_vec();
    let published = rig.bus.publish_all(Stream::In, batch).await.unwrap();
    assert_eq!(published.iter().map(|one| one.duplicate).collect::<Vec<_>>(), [false, true, false, true]);
    assert_eq!(published[1].cursor, known.cursor);
    assert_eq!(published[3].cursor, published[0].cursor);
    let mut running = rig.run(&spec("c"), done).await;
    assert_eq!(running.ids(3).await, ["b", "a", "c"]);
    running.stop().await;
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn many_at_once_keep_their_order_and_their_own_answers(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let before = rig.bus.last_cursor(Stream::In).await.unwrap();
    let batch = (0..1_200).map(|n| event(&format!("batch-{n}"), "k")).collect();
    let published = rig.bus.publish_all(Stream::In, batch).await.unwrap();
    assert!(published.windows(2).all(|pair| pair[0].cursor < pair[1].cursor));
    let singles = (0..300).map(|n| rig.bus.publish(Stream::In, event(&format!("single-{n}"), "")));
    let mut cursors: Vec<u64> = join_all(singles).await.into_iter().map(|one| one.unwrap().cursor).collect();
    cursors.sort_unstable();
    cursors.dedup();
    assert_eq!(cursors.len(), 300);
    assert_eq!(rig.bus.last_cursor(Stream::In).await.unwrap() - before, 1_500);
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn what_cannot_travel_is_refused_with_its_reason(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let refusal = async |change: fn(&mut weft_bus::Event)| {
        let mut wrong = event("1", "a");
        change(&mut wrong);
        rig.bus.publish(Stream::In, wrong).await.unwrap_err()
    };
    assert_eq!(refusal(|event| event.subject = "weft.out.1.x".into()).await.field(), Some("subject"));
    assert_eq!(refusal(|event| event.subject = "weft.in.*".into()).await.field(), Some("subject"));
    assert_eq!(refusal(|event| event.source = "a\r\nNats-Msg-Id: x".into()).await.reason(), "invalid_event");
    let large = refusal(|event| event.data = vec![b' '; MAX_EVENT_BYTES + 1].into()).await;
    assert_eq!((large.code(), large.reason()), (ErrorCode::TooLarge, "event_too_large"));
    let mut largest = event("2", "a");
    largest.data = vec![b' '; MAX_EVENT_BYTES].into();
    rig.bus.publish(Stream::In, largest).await.unwrap();
}
