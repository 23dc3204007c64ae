//! Signals and the forced end, seen from outside: the test starts itself once more as the process that is stopped.

use std::{
    future::pending,
    io::Write as _,
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader},
    process::{Child, ChildStdout, Command},
};
use weft_runtime::{Lifecycle, StopTimes};

const FORCED: Option<i32> = Some(70);

#[tokio::test]
async fn a_signal_stops_in_order_and_the_process_ends_well() {
    let (mut child, mut output) = start("process::child_that_stops").await;
    signal(&child, "TERM").await;
    let mut rest = String::new();
    output.read_to_string(&mut rest).await.unwrap();
    assert!(rest.contains("flushed"), "{rest}");
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test]
async fn a_second_signal_ends_the_process_at_once() {
    let (child, mut output) = start("process::child_that_hangs").await;
    signal(&child, "INT").await;
    wait_for_line(&mut output, "stopping").await;
    let begun = Instant::now();
    signal(&child, "INT").await;
    let Output { status, stderr, .. } = child.wait_with_output().await.unwrap();

    assert_eq!(status.code(), FORCED);
    assert!(begun.elapsed() < Duration::from_secs(5));
    let log = String::from_utf8_lossy(&stderr).into_owned();
    assert!(log.contains("second signal") && log.contains("deaf"), "{log}");
}

#[tokio::test]
async fn a_watchdog_ends_a_process_that_hangs_and_says_what_ran() {
    let (child, _output) = start("process::child_whose_runtime_hangs").await;
    signal(&child, "TERM").await;
    let Output { status, stderr, .. } = child.wait_with_output().await.unwrap();

    assert_eq!(status.code(), FORCED);
    let log = String::from_utf8_lossy(&stderr).into_owned();
    assert!(log.contains("not stopped in time") && log.contains("deaf"), "{log}");
}

#[tokio::test]
#[ignore = "the process that another test stops"]
async fn child_that_stops() {
    let life = Lifecycle::new(StopTimes::LAPTOP);
    life.own_process().unwrap();
    let stop = life.flush().stop_token();
    life.flush().spawn("relay", async move {
        stop.cancelled().await;
        say("flushed");
    });
    say("ready");
    life.until_asked_to_stop().await;
    life.stop().await.unwrap();
}

#[tokio::test]
#[ignore = "the process that another test stops"]
async fn child_that_hangs() {
    log_to_stderr();
    let life = Lifecycle::new(StopTimes::LAPTOP);
    life.own_process().unwrap();
    life.work().spawn("deaf", pending::<()>());
    say("ready");
    life.until_asked_to_stop().await;
    say("stopping");
    life.stop().await.unwrap_err();
}

#[tokio::test]
#[ignore = "the process that another test stops"]
async fn child_whose_runtime_hangs() {
    log_to_stderr();
    let times = StopTimes { watchdog: Duration::from_millis(300), ..StopTimes::LAPTOP };
    let life = Lifecycle::new(times);
    life.own_process().unwrap();
    life.work().spawn("deaf", pending::<()>());
    say("ready");
    life.until_asked_to_stop().await;
    tokio::task::yield_now().await;
    // holds the only thread of this runtime
    std::thread::sleep(Duration::from_secs(3600));
}

fn log_to_stderr() {
    drop(weft_telemetry::init(&weft_telemetry::Settings::new("child")).unwrap());
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "{line}").unwrap();
    out.flush().unwrap();
}

async fn start(test: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([test, "--exact", "--ignored", "--nocapture"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    wait_for_line(&mut output, "ready").await;
    (child, output)
}

async fn wait_for_line(output: &mut BufReader<ChildStdout>, wanted: &str) {
    let mut line = String::new();
    while !line.contains(wanted) {
        line.clear();
        assert_ne!(output.read_line(&mut line).await.unwrap(), 0, "the child ended early");
    }
}

async fn signal(child: &Child, name: &str) {
    let pid = child.id().unwrap().to_string();
    assert!(Command::new("kill").args([format!("-{name}"), pid]).status().await.unwrap().success());
}
