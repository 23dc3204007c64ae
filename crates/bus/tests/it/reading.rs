use rstest::rstest;
use tokio_util::task::TaskTracker;
use weft_bus::Stream;
use weft_testkit::eventually;

use crate::rig::{Kind, PATIENCE, Rig, event_on, next};

const ALL: &str = "weft.events.>";

fn happened(n: u32) -> weft_bus::Event {
    event_on("weft.events.t.message.created", &n.to_string(), "k")
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_misses_nothing_and_repeats_nothing_while_others_publish(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let before: Vec<_> = (0..6_000).map(happened).collect();
    let published = rig.bus.publish_all(Stream::Events, before).await.unwrap();
    let bus = rig.bus.clone();
    let publisher = TaskTracker::new().spawn(async move {
        for n in 6_000..6_400 {
            bus.publish(Stream::Events, happened(n)).await.unwrap();
        }
    });
    let mut reader =
        rig.bus.read_from(Stream::Events, Some(published[99].cursor), vec![ALL.into()]).await.unwrap();
    let mut last = published[99].cursor;
    for n in 100..6_400 {
        let (cursor, event) = next(&mut reader).await;
        assert_eq!(event.id, n.to_string());
        assert!(cursor > last);
        last = cursor;
    }
    publisher.await.unwrap();
    assert_eq!(rig.bus.last_cursor(Stream::Events).await.unwrap(), last);
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn a_reader_without_a_cursor_sees_only_what_comes_and_fits(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    rig.bus.publish(Stream::Events, happened(1)).await.unwrap();
    let filters = vec!["weft.events.mine.>".into(), "weft.events.*.message.*".into()];
    let mut reader = rig.bus.read_from(Stream::Events, None, filters).await.unwrap();
    rig.bus.publish(Stream::Events, event_on("weft.events.other.contact.created", "2", "")).await.unwrap();
    rig.bus.publish(Stream::Events, event_on("weft.events.mine.contact.created", "3", "")).await.unwrap();
    rig.bus.publish(Stream::Events, happened(4)).await.unwrap();
    assert_eq!(next(&mut reader).await.1.id, "3");
    assert_eq!(next(&mut reader).await.1.id, "4");
    rig.bus.close().await;
    assert!(reader.next().await.unwrap().is_none());
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn a_cursor_older_than_what_is_kept_is_told_so(#[case] kind: Kind) {
    let mut rig = Rig::with(kind, |settings| settings.limits.events.max_age_secs = 1).await;
    let first = rig.bus.publish(Stream::Events, happened(1)).await.unwrap().cursor;
    let last = rig.bus.publish(Stream::Events, happened(2)).await.unwrap().cursor;
    eventually("the event expires", PATIENCE, async || {
        if kind == Kind::Embedded {
            rig.restart().await;
        }
        let error = rig.bus.read_from(Stream::Events, Some(first - 1), vec![ALL.into()]).await.err()?;
        (error.reason() == "cursor_expired").then_some(())
    })
    .await;
    let ahead = rig.bus.read_from(Stream::Events, Some(last + 1), vec![ALL.into()]).await.err().unwrap();
    assert_eq!(ahead.reason(), "cursor_expired");
    let mut reader = rig.bus.read_from(Stream::Events, Some(last), vec![ALL.into()]).await.unwrap();
    let published = rig.bus.publish(Stream::Events, happened(3)).await.unwrap();
    assert_eq!(next(&mut reader).await.0, published.cursor);
    assert_eq!(published.cursor, last + 1);
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn a_queue_cannot_be_read_again(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let refused = rig.bus.read_from(Stream::In, None, vec!["weft.in.>".into()]).await.err().unwrap();
    assert_eq!(refused.reason(), "not_replayable");
}
