use std::{
    net::TcpListener,
    process::{Command, Output},
};

use rstest::rstest;

fn worker(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_weft-media-worker"))
        .arg("media-worker")
        .args(arguments)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .output()
        .unwrap()
}

#[rstest]
fn what_runs_in_a_worker_reaches_no_network() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let connect = format!("exec 3<>/dev/tcp/127.0.0.1/{}", listener.local_addr().unwrap().port());
    assert!(Command::new("bash").args(["-c", &connect]).status().unwrap().success());
    let refused = worker(&["limit", "256", "5", "bash", "-c", &connect]);
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("not permitted"), "{refused:?}");
    assert!(worker(&["limit", "256", "5", "bash", "-c", "true"]).status.success());
}

#[rstest]
fn what_runs_in_a_worker_has_little_memory_and_little_time() {
    let fill = "x=a; for i in {1..30}; do x=$x$x; done";
    assert!(!worker(&["limit", "64", "60", "bash", "-c", fill]).status.success());
    assert!(!worker(&["limit", "64", "1", "bash", "-c", "while :; do :; done"]).status.success());
}

#[rstest]
fn a_program_that_is_not_there_is_told_from_one_that_fails() {
    assert_eq!(worker(&["limit", "64", "5", "no-such-program"]).status.code(), Some(127));
    assert_eq!(worker(&["limit", "64", "5", "false"]).status.code(), Some(1));
    assert_eq!(worker(&["no-such-verb"]).status.code(), Some(1));
}
