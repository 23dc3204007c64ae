use rstest::rstest;
use weft_bus::Stream;
use weft_domain::id;
use weft_proto::dead_letters::v1::{ReplayDeadLetterRequest, dead_letter::State};
use weft_testkit::eventually;

use crate::rig::{Engines, Home, PATIENCE, event, last, refused, unreadable};

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_replayed_once_it_is_mended_has_its_effect_once_however_often_it_is_asked_for(
    #[case] engines: Engines,
) {
    let home = Home::new(engines).await;
    let (replica, other) = (home.replica().await, home.replica().await);
    let work = home.work(&replica).await;
    let tenant = id::new();
    home.bus.publish(Stream::In, event(tenant, "poison")).await.unwrap();
    let admin = replica.admin(tenant);
    let letter = admin.until(1).await.remove(0);
    work.mend();
    let elsewhere = other.admin(tenant);
    let people = [&admin, &elsewhere, &admin, &elsewhere];
    let answers = futures::future::join_all(people.map(|person| person.replay(&letter.id))).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert_eq!(answers[0].state(), State::Replayed);
    assert!(answers[0].ended_at.is_some() && answers[0].ended_by.starts_with("user_"));
    work.until_applied("poison").await;
    assert_eq!(admin.replay(&letter.id).await.unwrap(), answers[0]);
    home.bus.publish(Stream::In, event(tenant, "marker")).await.unwrap();
    work.until_applied("marker").await;
    assert_eq!(work.times("poison"), 1, "within the bus's window it even comes once");
    assert_eq!(work.applied(), ["poison", "marker"]);

    let shown = admin.show(&letter.id).await.unwrap();
    assert_eq!((shown.body, shown.key), (None, None), "an ended letter has no body");
    assert_eq!(home.count(tenant, "dead_body").await, 0);
    assert_eq!(refused(admin.discard(&letter.id, "too late").await), "letter_replayed");
    assert_eq!(admin.all().await, [answers[0].clone()]);
    replica.stop().await;
    other.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Real)]
#[tokio::test(flavor = "multi_thread")]
async fn what_fails_again_is_another_letter_of_the_same_event(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let replica = home.replica().await;
    home.work(&replica).await;
    let tenant = id::new();
    home.bus.publish(Stream::In, event(tenant, "poison")).await.unwrap();
    let admin = replica.admin(tenant);
    let first = admin.until(1).await.remove(0);
    admin.replay(&first.id).await.unwrap();
    let letters = admin.until(2).await;
    assert_eq!((letters[0].state(), letters[1].state()), (State::Kept, State::Replayed));
    assert_eq!(letters[0].event_id, letters[1].event_id);
    assert!(last(&letters[0]) > last(&letters[1]));
    let shown = admin.show(&letters[0].id).await.unwrap();
    assert_eq!(shown.body.as_deref().map(str::as_bytes), Some(event(tenant, "poison").data.as_ref()));
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_bus_a_replay_says_so_and_the_letter_stays() {
    let mut home = Home::new(Engines::Real).await;
    let replica = home.replica().await;
    let work = home.work(&replica).await;
    let tenant = id::new();
    home.bus.publish(Stream::In, event(tenant, "poison")).await.unwrap();
    let admin = replica.admin(tenant);
    let letter = admin.until(1).await.remove(0);
    home.until_the_bus_has_none().await;
    work.mend();
    home.nats.as_mut().unwrap().kill();
    let refusal = admin.replay(&letter.id).await.unwrap_err();
    let error = weft_rpc::error(&refusal);
    assert!(error.code().is_transient() && error.reason().starts_with("bus_"), "{error:?}");
    assert_eq!(admin.all().await, std::slice::from_ref(&letter));
    home.nats.as_mut().unwrap().restart().await;
    eventually("the bus takes it", PATIENCE, async || admin.replay(&letter.id).await.ok()).await;
    work.until_applied("poison").await;
    replica.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_never_an_event_cannot_be_replayed() {
    let home = Home::new(Engines::Embedded).await;
    let replica = home.replica().await;
    let tenant = id::new();
    home.bus.put_dead_letter(unreadable(Some(tenant), "1")).await.unwrap();
    let admin = replica.admin(tenant);
    let letter = admin.until(1).await.remove(0);
    assert_eq!(letter.stream, "");
    assert_eq!(refused(admin.replay(&letter.id).await), "not_replayable");
    assert_eq!(admin.all().await, [letter]);
    replica.stop().await;
}

#[rstest]
#[case(Engines::Embedded)]
#[case(Engines::Mixed)]
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_call_with_the_same_key_answers_what_the_first_did(#[case] engines: Engines) {
    let home = Home::new(engines).await;
    let replica = home.replica().await;
    let work = home.work(&replica).await;
    let tenant = id::new();
    home.bus.publish(Stream::In, event(tenant, "poison")).await.unwrap();
    let admin = replica.admin(tenant);
    let letter = admin.until(1).await.remove(0);
    work.mend();
    let mut answers = Vec::new();
    let mut call = admin.call(ReplayDeadLetterRequest { id: letter.id.clone(), tenant: None });
    let key = "a key".parse().unwrap();
    call.metadata_mut().insert(weft_rpc::IDEMPOTENCY_KEY, key);
    let (metadata, _, message) = call.into_parts();
    for _ in 0..2 {
        let call = tonic::Request::from_parts(metadata.clone(), Default::default(), message.clone());
        answers.push(admin.api().replay_dead_letter(call).await.unwrap());
    }
    assert_eq!(answers[0].get_ref(), answers[1].get_ref());
    let repeated = answers.iter().map(|answer| answer.metadata().contains_key(weft_rpc::REPLAYED));
    assert_eq!(repeated.collect::<Vec<_>>(), [false, true]);
    work.until_applied("poison").await;
    replica.stop().await;
}
