use std::{path::Path, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};
use weft_testkit::eventually;

use crate::is_listening;

const SHOW: &str = "echo $WEFT_TEST_NATS_URL $WEFT_TEST_POSTGRES_URL $WEFT_TEST_REDIS_URL; cat; exit 7";

#[tokio::test]
async fn the_command_gets_three_servers_and_its_exit_code_is_passed_on() {
    let folder = weft_testkit::temp_dir();
    let mut run = with_servers(folder.path());
    let ports = ports(&mut run).await;
    for port in &ports {
        assert!(is_listening(*port).await);
    }
    drop(run.stdin.take());
    assert_eq!(run.wait().await.unwrap().code(), Some(7));
    assert_gone(&ports, folder.path()).await;
}

#[tokio::test]
async fn no_server_outlives_a_test_process_that_was_killed() {
    let folder = weft_testkit::temp_dir();
    let mut run = with_servers(folder.path());
    let ports = ports(&mut run).await;
    run.start_kill().unwrap();
    run.wait().await.unwrap();
    assert_gone(&ports, folder.path()).await;
}

fn with_servers(folder: &Path) -> Child {
    // the servers' folders are found again by this
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder, open).unwrap();
    Command::new(env!("CARGO_BIN_EXE_with-servers"))
        .args(["sh", "-c", SHOW])
        .env("TMPDIR", folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

async fn ports(run: &mut Child) -> Vec<u16> {
    let output = run.stdout.as_mut().unwrap();
    let line = BufReader::new(output).lines().next_line().await.unwrap().unwrap();
    let port = |url: &str| url.rsplit(':').next().unwrap().split('/').next().unwrap().parse().unwrap();
    let ports: Vec<u16> = line.split(' ').map(port).collect();
    assert_eq!(ports.len(), 3);
    ports
}

async fn assert_gone(ports: &[u16], folder: &Path) {
    let deadline = Duration::from_secs(20);
    for port in ports {
        let gone = async || (!is_listening(*port).await).then_some(());
        eventually("the server is gone", deadline, gone).await;
    }
    let empty = async || folder.read_dir().unwrap().next().is_none().then_some(());
    eventually("the folders are gone", deadline, empty).await;
}
