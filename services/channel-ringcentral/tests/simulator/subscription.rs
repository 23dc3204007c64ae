use http::StatusCode;
use weft_channel_ringcentral::simulator::{Content, FaultKind};

use crate::harness::{ADA, World};

async fn is_heard(world: &World) -> bool {
    world.customer(ADA, Content::Text("Does anybody hear me?".to_owned()));
    !world.events().await.is_empty()
}

#[tokio::test]
async fn it_is_renewed_before_it_ends_and_not_before() {
    let world = World::connected().await;
    world.poll(None).await.unwrap();
    assert!(matches!(world.simulator.subscriptions().as_slice(), [(_, "Active", 0)]));
    world.simulator.let_subscriptions_end();
    world.poll(None).await.unwrap();
    world.poll(None).await.unwrap();
    assert!(matches!(world.simulator.subscriptions().as_slice(), [(_, "Active", 1)]));
    assert!(is_heard(&world).await);
}

#[tokio::test]
async fn it_is_begun_anew_when_ringcentral_dropped_it() {
    let world = World::connected().await;
    world.simulator.drop_subscriptions();
    assert!(!is_heard(&world).await);
    let polled = world.poll(None).await.unwrap();
    assert_eq!(polled.received.events.len(), 1);
    assert!(is_heard(&world).await);
}

#[tokio::test]
async fn it_is_begun_anew_when_ringcentral_gave_our_webhook_up() {
    let world = World::connected().await;
    world.break_hook(Some(StatusCode::INTERNAL_SERVER_ERROR));
    for _ in 0..3 {
        assert!(!is_heard(&world).await);
    }
    let given_up = world.simulator.subscriptions();
    assert!(matches!(given_up.as_slice(), [(_, "Blacklisted", 0)]), "{given_up:?}");
    // as long as we are away, everything is found by asking
    let polled = world.poll(None).await.unwrap();
    assert_eq!((polled.received.events.len(), polled.received.account_fault), (3, None));

    world.break_hook(None);
    world.poll(None).await.unwrap();
    let again = world.simulator.subscriptions();
    assert!(matches!(again.as_slice(), [(_, "Active", 0)]) && again != given_up, "{again:?}");
    assert!(is_heard(&world).await);
}

#[tokio::test]
async fn what_only_a_person_can_mend_is_told_and_stops_nothing_else() {
    let world = World::connected().await;
    let first = world.poll(None).await.unwrap();
    world.simulator.drop_subscriptions();
    world.customer(ADA, Content::Text("Hi".to_owned()));
    // of what is asked for now, subscriptions come last: after one call for messages
    let ten_minutes_later = chrono::Utc::now() + chrono::TimeDelta::minutes(11);
    let calls_are_not_due = first.next_state.unwrap().replace("\"calls_due\":\"2", "\"calls_due\":\"9");
    world.simulator.fault_after(1, FaultKind::Code(400, "SUB-505".to_owned()), Some(1));
    let polled = world.poll_at(Some(&calls_are_not_due), ten_minutes_later).await.unwrap();
    assert_eq!(polled.received.events.len(), 1);
    assert!(polled.received.account_fault.unwrap().contains("too many subscriptions"));
}

#[tokio::test]
async fn one_that_cannot_be_ended_harms_nothing_and_is_ended_later() {
    let world = World::connected().await;
    for fault in [FaultKind::Code(404, "CMN-102".to_owned()), FaultKind::Unavailable] {
        // the number, the call log, the list, the new one, and then the old one's end
        world.simulator.fault_after(4, fault, Some(1));
        world.connect().await.unwrap();
    }
    let before = world.simulator.subscriptions();
    assert_eq!(before.len(), 3, "{before:?}");
    let polled = world.poll(None).await.unwrap();
    assert_eq!(polled.received.account_fault, None);
    assert!(matches!(world.simulator.subscriptions().as_slice(), [(id, "Active", 0)] if *id == before[2].0));
    assert!(is_heard(&world).await);
}

#[tokio::test]
async fn what_is_wrong_with_it_is_not_told_as_about_a_message() {
    let world = World::start().await;
    // the token, the number, the call log, the list
    world.simulator.fault_after(4, FaultKind::Code(400, "CMN-101".to_owned()), Some(1));
    let error = world.connect().await.unwrap_err().to_string();
    assert!(error.contains("its webhook cannot be subscribed") && !error.contains("message"), "{error}");
}
