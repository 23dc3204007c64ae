use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use rstest::rstest;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use weft_bus::{ConsumerSpec, DeadLetter, Delivery, Event, NewDeadLetter, Outcome, Stream};
use weft_testkit::eventually;

use crate::rig::{Kind, PATIENCE, Rig, done, event, retry, spec};

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn poison_becomes_a_dead_letter_and_the_others_go_on(#[case] kind: Kind) {
    let mut rig = Rig::new(kind).await;
    let spec = ConsumerSpec { max_attempts: 3, ..spec("c") };
    let poison = event("poison", "a");
    let batch = vec![poison.clone(), event("behind", "a"), event("dead", "b"), event("other", "b")];
    rig.bus.publish_all(Stream::In, batch).await.unwrap();
    let mut running = rig
        .run(&spec, |delivery| match delivery.event.id.as_str() {
            "poison" => retry(),
            "dead" => Outcome::Dead { reason: "wrong".into(), words: "it is\nwrong — ü".into() },
            _ => Outcome::Done,
        })
        .await;
    let ids = running.ids(6).await;
    assert_eq!(ids.iter().filter(|id| *id == "poison").count(), 3);
    assert_eq!(ids.last().unwrap(), "behind");
    running.stop().await;
    rig.restart().await;
    let letters = rig.bus.dead_letters(0, 10).await.unwrap();
    assert_eq!(letters.len(), 2, "{letters:?}");
    let (dead, given_up) = (&letters[0].letter, &letters[1].letter);
    assert_eq!((dead.reason.as_str(), dead.words.as_str(), dead.attempts), ("wrong", "it is\nwrong — ü", 1));
    assert_eq!((given_up.reason.as_str(), given_up.attempts), ("not_yet", 3));
    assert_eq!(
        (&given_up.event, given_up.stream, given_up.source.as_str()),
        (&poison, Some(Stream::In), "c")
    );
    assert_eq!(rig.bus.dead_letters(letters[0].id, 10).await.unwrap(), letters[1..]);
    rig.bus.publish(Stream::In, event("marker", "a")).await.unwrap();
    let mut running = rig.run(&spec, done).await;
    assert_eq!(running.ids(1).await, ["marker"]);
    running.stop().await;
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn a_replayed_dead_letter_comes_again_with_its_id_and_may_die_again(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let dead = Outcome::Dead { reason: "wrong".into(), words: "wrong".into() };
    let mut running = rig.run(&spec("c"), move |_| dead.clone()).await;
    let sent = event("1", "a");
    rig.bus.publish(Stream::In, sent.clone()).await.unwrap();
    assert_eq!(running.next().await.event, sent);
    let first = letter_after(&rig, 0).await;
    let again = || rig.bus.publish_again(Stream::In, sent.clone(), "first letter".into());
    assert!(!again().await.unwrap().duplicate);
    assert_eq!(running.next().await.event, sent);
    let second = letter_after(&rig, first.id).await;
    assert_eq!(first.letter, second.letter);
    assert_ne!(first.name, second.name, "each death is one of its own");
    assert!(again().await.unwrap().duplicate, "the same occasion twice is one event");
    running.stop().await;
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn a_dead_letter_is_there_until_it_is_removed_and_may_be_removed_again(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    for id in ["1", "2", "3"] {
        rig.bus.put_dead_letter(letter(event(id, ""))).await.unwrap();
    }
    let letters = rig.bus.dead_letters(0, 10).await.unwrap();
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), letters, "looking changes nothing");
    let [first, _, third] = [letters[0].id, letters[1].id, letters[2].id];
    rig.bus.remove_dead_letters(&[first, third]).await.unwrap();
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), letters[1..2]);
    rig.bus.remove_dead_letters(&[first, third, third + 1_000]).await.unwrap();
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), letters[1..2]);
}

fn letter(event: Event) -> NewDeadLetter {
    NewDeadLetter {
        source: "channel-echo".into(),
        reason: "unreadable_webhook".into(),
        words: "not JSON".into(),
        attempts: 1,
        stream: None,
        event,
    }
}

async fn letter_after(rig: &Rig, after: u64) -> DeadLetter {
    eventually("a dead letter", PATIENCE, async || rig.bus.dead_letters(after, 1).await.unwrap().pop()).await
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn a_call_nobody_can_read_is_kept_as_it_came(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let mut raw = event("hook-1", "");
    raw.subject = "weft.hooks.echo".into();
    raw.data = vec![0, 159, 146, 150].into();
    let letter = letter(raw);
    rig.bus.put_dead_letter(letter.clone()).await.unwrap();
    rig.bus.put_dead_letter(letter.clone()).await.unwrap();
    let letters = rig.bus.dead_letters(0, 10).await.unwrap();
    assert_eq!(letters.iter().map(|kept| &kept.letter).collect::<Vec<_>>(), [&letter]);
}

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn an_event_that_ends_the_process_becomes_a_dead_letter_alone(#[case] kind: Kind) {
    let mut rig = Rig::new(kind).await;
    let spec = ConsumerSpec { max_attempts: 3, ack_wait: Duration::from_secs(1), ..spec("c") };
    let batch = ["before", "killer", "after"].map(|id| event(id, "")).to_vec();
    rig.bus.publish_all(Stream::In, batch).await.unwrap();
    rig.bus.migrate(std::slice::from_ref(&spec)).await.unwrap();
    let mut handled = Vec::new();
    for _ in 0..10 {
        let (killed, survived) = (CancellationToken::new(), CancellationToken::new());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let work = rig.bus.consume(&spec).await.unwrap().remove(0).run(CancellationToken::new(), {
            let (killed, survived, seen) = (killed.clone(), survived.clone(), Arc::clone(&seen));
            move |deliveries: Vec<Delivery>| {
                let ids: Vec<String> = deliveries.iter().map(|delivery| delivery.event.id.clone()).collect();
                let (killed, survived, seen) = (killed.clone(), survived.clone(), Arc::clone(&seen));
                async move {
                    if ids.iter().any(|id| id == "killer") {
                        killed.cancel();
                        std::future::pending::<()>().await;
                    }
                    if ids.iter().any(|id| id == "after") {
                        survived.cancel();
                    }
                    seen.lock().unwrap().extend(ids);
                    vec![Outcome::Done; deliveries.len()]
                }
            }
        });
        let task = TaskTracker::new().spawn(work);
        let over = tokio::select! {
            () = killed.cancelled() => false,
            () = survived.cancelled() => true,
        };
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        handled.append(&mut seen.lock().unwrap());
        if kind == Kind::Embedded {
            rig.restart().await;
        }
        if over {
            break;
        }
    }
    let letters = rig.bus.dead_letters(0, 10).await.unwrap();
    assert_eq!(letters.len(), 1, "{letters:?}");
    assert_eq!(letters[0].letter.reason, "attempts_exhausted");
    assert_eq!(letters[0].letter.event.id, "killer");
    assert!(handled.contains(&"before".to_owned()) && handled.contains(&"after".to_owned()), "{handled:?}");
}
