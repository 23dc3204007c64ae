use std::time::{Duration, Instant};

use rstest::rstest;
use weft_bus::{NewDeadLetter, Stream};
use weft_domain::id;
use weft_proto::dead_letters::v1::{
    DiscardDeadLettersRequest, ListDeadLettersRequest, ReplayDeadLettersRequest, dead_letter::State,
};
use weft_testkit::eventually;

use crate::rig::{Engines, Home, PATIENCE, Person, event, refused, unreadable};

async fn replay(person: &Person, request: ReplayDeadLettersRequest) -> (u32, u64) {
    let answer = person.api().replay_dead_letters(person.call(request)).await.unwrap().into_inner();
    (answer.letters, answer.left)
}

async fn in_state(person: &Person, state: &str) -> usize {
    let state = Some(state.to_owned());
    person.list(ListDeadLettersRequest { page_size: 200, state, ..Default::default() }).await.len()
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn letters_that_fit_are_replayed_in_the_order_of_their_events_and_the_others_stay(
    #[case] engines: Engines,
) {
    const EVENTS: usize = 40;
    let home = Home::new(engines).await;
    let (replica, other) = (home.replica().await, home.replica().await);
    let work = home.work(&replica).await;
    let (tenant, stranger) = (id::new(), id::new());
    let ids: Vec<String> = (0..EVENTS).map(|number| format!("{number:02}")).collect();
    let events = ids.iter().map(|id| event(tenant, id)).collect();
    home.bus.publish_all(Stream::In, events).await.unwrap();
    home.bus.publish(Stream::In, event(stranger, "of somebody else")).await.unwrap();
    for number in 0..3 {
        home.bus.put_dead_letter(unreadable(Some(tenant), &format!("raw {number}"))).await.unwrap();
    }
    let admin = replica.admin(tenant);
    admin.until(EVENTS + 3).await;
    replica.admin(stranger).until(1).await;
    work.mend();
    let of = |reason: &str| ReplayDeadLettersRequest {
        reason: Some(reason.to_owned()),
        limit: 30,
        ..Default::default()
    };
    assert_eq!(replay(&admin, of("no such")).await, (0, 0));
    assert_eq!(replay(&admin, of("unreadable_call")).await, (0, 0), "there is nothing to publish");
    assert_eq!(replay(&admin, of("broken")).await, (30, 10));
    assert_eq!(replay(&admin, of("broken")).await, (10, 0));
    work.until_applied(ids.last().unwrap()).await;
    assert_eq!(work.applied(), ids);
    eventually("all are noted", PATIENCE, async || {
        (in_state(&admin, "replayed").await == EVENTS).then_some(())
    })
    .await;
    assert!(ids.iter().all(|id| work.times(id) == 1), "two replicas at the same letters do no harm");
    assert_eq!(home.count(tenant, "dead_body").await, 3);
    assert!(
        admin
            .all()
            .await
            .iter()
            .filter(|one| one.state() == State::Replayed)
            .all(|one| one.ended_by.starts_with("user_"))
    );
    assert_eq!(replica.admin(stranger).all().await[0].state(), State::Kept);
    let too_many = ReplayDeadLettersRequest { limit: 1_001, ..Default::default() };
    assert_eq!(refused(admin.api().replay_dead_letters(admin.call(too_many)).await), "invalid_field");
    replica.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_replay_keeps_to_its_pace() {
    let home = Home::new(Engines::Embedded).await;
    let replica = home.replica_with(2).await;
    let work = home.work(&replica).await;
    let tenant = id::new();
    for number in 0..5 {
        home.bus.publish(Stream::In, event(tenant, &number.to_string())).await.unwrap();
    }
    let admin = replica.admin(tenant);
    admin.until(5).await;
    work.mend();
    let begun = Instant::now();
    assert_eq!(replay(&admin, ReplayDeadLettersRequest::default()).await, (5, 0));
    work.until_applied("4").await;
    assert!(begun.elapsed() >= Duration::from_secs(2), "two turns lie between the first and the fifth");
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_bus_will_never_take_is_kept_again_and_says_why() {
    let home = Home::new(Engines::Embedded).await;
    let replica = home.replica().await;
    let work = home.work(&replica).await;
    let tenant = id::new();
    let mut lost = event(tenant, "lost");
    lost.subject = "weft.elsewhere".to_owned();
    let letter = NewDeadLetter { stream: Some(Stream::In), event: lost, ..unreadable(Some(tenant), "1") };
    home.bus.put_dead_letter(letter).await.unwrap();
    home.bus.publish(Stream::In, event(tenant, "good")).await.unwrap();
    let admin = replica.admin(tenant);
    admin.until(2).await;
    work.mend();
    assert_eq!(replay(&admin, ReplayDeadLettersRequest::default()).await, (2, 0));
    work.until_applied("good").await;
    let kept = eventually("it is kept again", PATIENCE, async || {
        let letters = admin.all().await;
        let decided = letters.iter().all(|letter| letter.state() != State::Replaying);
        decided.then(|| letters.into_iter().find(|letter| letter.event_id == "lost").unwrap())
    })
    .await;
    assert_eq!(kept.state(), State::Kept);
    assert!(kept.why.unwrap().contains("invalid_event"));
    assert_eq!(refused(admin.replay(&kept.id).await), "invalid_event");
    replica.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[tokio::test(flavor = "multi_thread")]
async fn letters_that_fit_are_discarded_the_oldest_first(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let replica = home.replica().await;
    let tenant = id::new();
    let admin = replica.admin(tenant);
    for number in 0..4 {
        home.bus.put_dead_letter(unreadable(Some(tenant), &number.to_string())).await.unwrap();
    }
    let letters = admin.until(4).await;
    let request = DiscardDeadLettersRequest {
        source: Some("channel-echo".into()),
        until: letters[0].last_at,
        limit: 2,
        why: "a scanner".into(),
        ..Default::default()
    };
    for (expected, discarded) in [((2, 1), 2), ((1, 0), 3), ((0, 0), 3)] {
        let call = admin.call(request.clone());
        let answer = admin.api().discard_dead_letters(call).await.unwrap().into_inner();
        assert_eq!((answer.letters, answer.left), expected);
        let states: Vec<State> = admin.all().await.iter().map(|letter| letter.state()).collect();
        assert!(states.iter().rev().take(discarded).all(|state| *state == State::Discarded));
        assert_eq!(states.iter().filter(|state| **state == State::Kept).count(), 4 - discarded);
    }
    let without = DiscardDeadLettersRequest { why: String::new(), ..request };
    assert_eq!(refused(admin.api().discard_dead_letters(admin.call(without)).await), "missing_field");
    replica.stop().await;
}
