use futures::future::join_all;
use rstest::rstest;
use weft_bus::Stream;
use weft_domain::ErrorCode;

use crate::rig::{Kind, Rig, event};

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn a_full_queue_refuses_at_once_and_recovers(#[case] kind: Kind) {
    let rig = Rig::with(kind, |settings| settings.queue_events = 4).await;
    let all = (0..50).map(|n| rig.bus.publish(Stream::In, event(&n.to_string(), "")));
    let (good, bad): (Vec<_>, Vec<_>) = join_all(all).await.into_iter().partition(Result::is_ok);
    assert_eq!((good.len(), bad.len()), (4, 46));
    for refused in bad {
        let error = refused.unwrap_err();
        assert_eq!((error.code(), error.reason()), (ErrorCode::Unavailable, "bus_queue_full"));
    }
    rig.bus.publish(Stream::In, event("later", "")).await.unwrap();
    let many = (0..10).map(|n| event(&format!("many-{n}"), "")).collect();
    assert_eq!(rig.bus.publish_all(Stream::In, many).await.unwrap().len(), 10);
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn a_full_stream_refuses_what_is_new_and_keeps_what_is_old(#[case] kind: Kind) {
    let rig = Rig::with(kind, |settings| settings.limits.inbound.max_bytes = 64 * 1024).await;
    let mut accepted = 0;
    let error = loop {
        let mut large = event(&accepted.to_string(), "");
        large.data = vec![b' '; 20_000].into();
        match rig.bus.publish(Stream::In, large).await {
            Ok(_) => accepted += 1,
            Err(error) => break error,
        }
    };
    assert_eq!((error.code(), error.reason()), (ErrorCode::Unavailable, "bus_stream_full"));
    let mut running = rig.run(&crate::rig::spec("c"), crate::rig::done).await;
    assert_eq!(running.ids(accepted).await.len(), accepted);
    running.stop().await;
}
