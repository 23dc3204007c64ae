use std::{
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;
use weft_runtime::{Lifecycle, State, StillRunning, StopTimes, TaskSet};

type Diary = Arc<Mutex<Vec<&'static str>>>;

fn note(diary: &Diary, tasks: &TaskSet, takes: Duration, words: [&'static str; 2]) {
    let (diary, stop) = (Arc::clone(diary), tasks.stop_token());
    tasks.spawn(words[1], async move {
        stop.cancelled().await;
        diary.lock().unwrap().push(words[0]);
        tokio::time::sleep(takes).await;
        diary.lock().unwrap().push(words[1]);
    });
}

#[tokio::test(start_paused = true)]
async fn intake_ends_before_work_and_work_before_flush() {
    let life = Lifecycle::new(StopTimes::CLUSTER);
    let diary = Diary::default();
    note(&diary, life.flush(), Duration::from_secs(1), ["flush stops", "flush ended"]);
    note(&diary, life.intake(), Duration::from_secs(3), ["intake stops", "intake ended"]);
    note(&diary, life.work(), Duration::from_secs(2), ["work stops", "work ended"]);

    let begun = Instant::now();
    life.stop().await.unwrap();

    let expected = ["intake stops", "intake ended", "work stops", "work ended", "flush stops", "flush ended"];
    assert_eq!(*diary.lock().unwrap(), expected);
    assert_eq!(begun.elapsed(), Duration::from_secs(5 + 3 + 2 + 1));
}

#[tokio::test(start_paused = true)]
async fn nothing_stops_before_load_balancers_had_time_to_notice() {
    let life = Lifecycle::new(StopTimes::CLUSTER);
    life.readiness().started();
    let begun = Instant::now();
    let stop = life.intake().stop_token();
    let stopping = {
        let whole = life.clone();
        async move { whole.stop().await }
    };
    let (ended, noticed) = tokio::join!(stopping, async {
        life.stopping().cancelled().await;
        tokio::task::yield_now().await;
        assert_eq!(life.readiness().state(), State::Stopping);
        assert!(!stop.is_cancelled());
        stop.cancelled().await;
        begun.elapsed()
    });
    ended.unwrap();
    assert_eq!(noticed, Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_late_task_is_named_and_aborted_and_the_later_phases_still_run() {
    let life = Lifecycle::new(StopTimes::LAPTOP);
    let diary = Diary::default();
    life.intake().spawn("deaf server", pending::<()>());
    life.work().spawn("deaf consumer", pending::<()>());
    note(&diary, life.flush(), Duration::from_secs(1), ["flush stops", "flush ended"]);

    let begun = Instant::now();
    let StillRunning(late) = life.stop().await.unwrap_err();

    assert_eq!(late, [("deaf server".to_owned(), 1), ("deaf consumer".to_owned(), 1)]);
    assert_eq!(*diary.lock().unwrap(), ["flush stops", "flush ended"]);
    assert!(begun.elapsed() < StopTimes::LAPTOP.drain);
}

#[tokio::test]
async fn a_critical_failure_asks_the_process_to_stop() {
    let life = Lifecycle::new(StopTimes::LAPTOP);
    life.work().spawn_critical("consumer", async { assert_eq!(1, 2, "cannot go on") });
    assert!(life.until_asked_to_stop().await);
    assert!(life.stopping().is_cancelled());
    life.stop().await.unwrap();

    let healthy = Lifecycle::new(StopTimes::LAPTOP);
    healthy.ask_to_stop("the test is over");
    assert!(!healthy.until_asked_to_stop().await);
}
