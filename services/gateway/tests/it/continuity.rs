use rstest::rstest;
use serde_json::json;
use tokio_util::task::TaskTracker;
use weft_domain::id;

use crate::{
    rig::{Kind, Rig, publish},
    socket::Socket,
};

const EVENTS: u64 = 1_000;
const RECONNECTIONS: u64 = 20;

/// With a small ring most of what was missed has to come from the bus.
#[rstest]
#[case::embedded_from_the_ring(Kind::Embedded, 10_000)]
#[case::embedded_from_the_bus(Kind::Embedded, 20)]
#[case::jetstream_from_the_ring(Kind::JetStream, 10_000)]
#[case::jetstream_from_the_bus(Kind::JetStream, 20)]
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_comes_and_goes_misses_nothing_and_sees_nothing_twice(
    #[case] kind: Kind,
    #[case] ring: u32,
) {
    let rig = Rig::on(kind, &format!("live.ring_events = {ring}")).await;
    let (_, token) = rig.agent();
    let mut socket = Socket::connect(&rig, &token).await;
    let mut cursor = socket.cursor.clone();
    let (bus, tenant, other) = (rig.bus.clone(), rig.tenant, id::new());
    let publisher = TaskTracker::new().spawn(async move {
        for first in (0..EVENTS).step_by(5) {
            publish(&bus, &tenant, "conv_x", first..first + 5, "mine").await;
            publish(&bus, &other, "conv_x", 0..3, "not mine").await;
        }
    });
    let mut seen = 0;
    while seen < EVENTS {
        let until = (seen + EVENTS / RECONNECTIONS).min(EVENTS);
        // a small ring is soon overrun
        socket.go_on(&mut cursor, &mut seen, until).await;
        socket = Socket::connect(&rig, &token).await;
    }
    publisher.await.unwrap();
    socket.say(json!({"type": "resume", "cursor": cursor})).await;
    socket.follow(json!("all")).await;
    socket.next_of("resumed").await;
    publish(&rig.bus, &tenant, "conv_x", EVENTS..EVENTS + 1, "").await;
    assert_eq!(socket.next_event().await.0, EVENTS, "nothing came twice");
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test(flavor = "multi_thread")]
async fn a_quiet_tenant_learns_that_it_has_everything_after_a_restart(#[case] kind: Kind) {
    let mut rig = Rig::on(kind, "").await;
    let (_, token) = rig.agent();
    let cursor = Socket::connect(&rig, &token).await.cursor.clone();
    rig.publish(&rig.tenant, "conv_x", 0..3, "old").await;
    rig.publish(&id::new(), "conv_x", 0..500, "of somebody busy").await;
    rig.start_gateway("live.ring_events = 50").await;
    let mut socket = Socket::connect(&rig, &token).await;
    socket.say(json!({"type": "resume", "cursor": cursor})).await;
    socket.follow(json!("all")).await;
    for seq in 0..3 {
        assert_eq!(socket.next_event().await.0, seq);
    }
    let here = socket.next().await;
    assert_eq!(here["type"], "resumed");
    assert_ne!(here["cursor"], cursor);
    rig.publish(&rig.tenant, "conv_x", 3..4, "new").await;
    assert_eq!(socket.next_event().await.0, 3);
}

#[tokio::test]
async fn a_client_that_comes_back_after_a_restart_resumes_from_the_ring() {
    let mut rig = Rig::new().await;
    let (_, token) = rig.agent();
    let cursor = Socket::connect(&rig, &token).await.cursor.clone();
    rig.publish(&rig.tenant, "conv_x", 0..100, "").await;
    rig.start_gateway("").await;
    let mut socket = Socket::connect(&rig, &token).await;
    assert_ne!(socket.cursor, cursor, "hello is about now");
    socket.say(json!({"type": "resume", "cursor": cursor})).await;
    socket.follow(json!("all")).await;
    for seq in 0..100 {
        assert_eq!(socket.next_event().await.0, seq);
    }
}
