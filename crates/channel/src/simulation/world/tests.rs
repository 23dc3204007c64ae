use std::{cell::Cell, time::Duration};

use futures::{FutureExt as _, poll};

use super::*;

#[tokio::test]
async fn who_waits_looks_again_after_each_change() {
    let world = World::new(0);
    let looks = Cell::new(0);
    let waiting = world.wait(|count| {
        looks.set(looks.get() + 1);
        (*count == 2).then_some("two")
    });
    let mut waiting = std::pin::pin!(waiting);
    for _ in 0..2 {
        assert!(poll!(&mut waiting).is_pending());
        world.change(|count| *count += 1);
    }
    assert_eq!(waiting.await, "two");
    assert_eq!(looks.get(), 3);
}

#[tokio::test]
async fn who_waits_hears_of_a_change_by_a_clone_and_not_of_a_look() {
    let world = World::new(vec![1]);
    let mut waiting = std::pin::pin!(world.wait(|all| (all.len() == 2).then(|| all.pop())));
    assert!(poll!(&mut waiting).is_pending());
    world.lock().push(2);
    assert!(poll!(&mut waiting).is_pending());
    world.clone().change(|_| ());
    assert_eq!(waiting.await, Some(2));
    assert_eq!(*world.lock(), [1]);
}

#[tokio::test]
async fn who_waits_looks_again_when_something_becomes_due() {
    let (world, at) = (World::new(()), Instant::now() + Duration::from_millis(5));
    let due = |now: Instant| if now < at { Err(Some(at)) } else { Ok(now) };
    assert!(world.wait_until_due(|_| due(Instant::now())).await >= at);
}

#[tokio::test]
async fn a_lock_that_broke_is_entered_all_the_same() {
    let world = World::new(1);
    let same = world.clone();
    let broke = std::thread::spawn(move || same.change(|count| assert_eq!(*count, 2, "on purpose"))).join();
    assert!(broke.is_err());
    assert_eq!(*world.lock(), 1);
}

#[tokio::test]
async fn a_transcript_begins_with_what_was_sent_before_and_goes_on() {
    let world = World::<Records<u8>>::default();
    world.change(|sent| sent.push(1));
    let mut transcript = world.transcript(|sent| sent, u8::to_string);
    assert_eq!(transcript.next().await.unwrap(), "1");
    assert!(transcript.next().now_or_never().is_none());
    world.change(|sent| [2, 3].map(|number| sent.push(number)));
    assert_eq!(transcript.take(2).collect::<Vec<_>>().await, ["2", "3"]);
}

#[tokio::test]
async fn customers_write_once_somebody_is_connected() {
    let world = World::new(false);
    let mut playing = world.play(|connected| *connected, |_| async { Ok(()) })(CancellationToken::new());
    assert!(poll!(&mut playing).is_pending());
    world.change(|connected| *connected = true);
    playing.await.unwrap();
}
