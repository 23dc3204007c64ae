use std::{
    future::pending,
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::mpsc, time::Instant};
use weft_runtime::{StillRunning, TaskSet};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test(start_paused = true)]
async fn waiting_in_vain_names_what_still_runs() {
    let tasks = TaskSet::new("work");
    tasks.spawn("relay", pending::<()>());
    tasks.spawn("consumer", pending::<()>());
    tasks.spawn("consumer", pending::<()>());
    tasks.spawn("short", async {});

    let late = tasks.drain(MINUTE).await.unwrap_err();

    assert_eq!(late, StillRunning(vec![("consumer".to_owned(), 2), ("relay".to_owned(), 1)]));
    assert_eq!(late.to_string(), "still running: consumer ×2, relay");

    tasks.abort();
    tasks.wait(MINUTE).await.unwrap();
    assert_eq!(tasks.running(), []);
}

#[tokio::test]
async fn a_task_that_fails_or_panics_is_logged_with_its_name_and_others_go_on() {
    let telemetry = weft_telemetry::init_for_test();
    let tasks = TaskSet::new("work");
    let stop = tasks.stop_token();
    tasks.spawn("steady", async move { stop.cancelled().await });
    tasks.spawn("unlucky", async { Err::<(), _>(io::Error::other("disk is full")) });
    tasks.spawn("clumsy", async {
        assert!(tokio::runtime::Handle::try_current().is_err(), "out of {}", "bounds")
    });

    tasks.wait(Duration::ZERO).await.unwrap_err();
    while tasks.running().len() > 1 {
        tokio::task::yield_now().await;
    }

    assert_eq!(tasks.running(), [("steady".to_owned(), 1)]);
    assert!(!tasks.failed_token().is_cancelled(), "neither was critical");
    let log = telemetry.log_lines().join("\n");
    assert!(log.contains(r#""task.name":"unlucky""#) && log.contains("disk is full"), "{log}");
    assert!(log.contains(r#""task.name":"clumsy""#) && log.contains("panic: out of bounds"), "{log}");
    tasks.drain(MINUTE).await.unwrap();
}

#[tokio::test]
async fn a_critical_task_that_fails_says_so() {
    let tasks = TaskSet::new("work");
    tasks.spawn_critical("fine", async {});
    tasks.wait(MINUTE).await.unwrap();
    assert!(!tasks.failed_token().is_cancelled());

    tasks.spawn_critical("server", async { Err::<(), _>("port is taken") });
    tasks.failed_token().cancelled().await;
}

#[tokio::test(start_paused = true)]
async fn a_periodic_job_goes_on_after_a_failure_and_is_not_cut_off_by_stop() {
    let tasks = TaskSet::new("work");
    let (begun, mut begins) = mpsc::channel(8);
    let finished = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&finished);
    tasks.every("sweep", MINUTE, tasks.stop_token(), move || {
        let (begun, count) = (begun.clone(), Arc::clone(&count));
        async move {
            begun.send(Instant::now()).await.unwrap();
            tokio::time::sleep(Duration::from_secs(10)).await;
            count.fetch_add(1, Ordering::SeqCst);
            Err::<(), _>("nothing to sweep")
        }
    });

    let first = begins.recv().await.unwrap();
    let second = begins.recv().await.unwrap();
    assert_eq!(second - first, MINUTE);

    tasks.drain(MINUTE).await.unwrap();
    assert_eq!(finished.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn runs_of_a_periodic_job_never_overlap() {
    let tasks = TaskSet::new("work");
    let (done, mut runs) = mpsc::channel(8);
    tasks.every("slow", Duration::from_secs(1), tasks.stop_token(), move || {
        let (done, begin) = (done.clone(), Instant::now());
        async move {
            tokio::time::sleep(Duration::from_secs(5)).await;
            done.send((begin, Instant::now())).await.unwrap();
        }
    });

    let (_, first_end) = runs.recv().await.unwrap();
    let (second_begin, _) = runs.recv().await.unwrap();
    assert!(second_begin >= first_end);
}
