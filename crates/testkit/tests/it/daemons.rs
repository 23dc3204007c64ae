use std::{path::Path, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use weft_testkit::{Daemon, Front, Postgres, Redis, eventually, temp_dir};

use crate::ask;

#[tokio::test]
async fn a_front_deals_connections_out_to_those_who_take_them() {
    let (one, two) = (Redis::start().await, Redis::start().await);
    let address = |redis: &Redis| ([127, 0, 0, 1], redis.port()).into();
    let front = Front::start(0).await.unwrap();
    let port = front.address().port();
    let mut nobody = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    assert_eq!(nobody.read(&mut [0; 8]).await.unwrap_or_default(), 0, "closed while nobody is behind");

    front.send_to(vec![address(&one), address(&two)]);
    let mut seen = [0, 0];
    for _ in 0..4 {
        let info = ask(port, "INFO server\r\n", "tcp_port:").await;
        seen[usize::from(info.contains(&format!("tcp_port:{}", two.port())))] += 1;
    }
    assert_eq!(seen, [2, 2], "in turn");
    drop(one);
    for _ in 0..4 {
        assert!(ask(port, "PING\r\n", "PONG").await.contains("PONG"), "past the one that is gone");
    }
}

#[tokio::test]
async fn a_daemon_is_paused_resumed_ended_and_started_again_with_one_log() {
    let folder = temp_dir();
    let log = folder.path().join("echo.log");
    let port = weft_testkit::free_port();
    let serve = format!(
        "import socketserver as s, signal, sys\nsignal.signal(15, lambda *_: sys.exit(7))\n\
         class H(s.StreamRequestHandler):\n  def handle(self): self.wfile.write(self.rfile.readline())\n\
         s.TCPServer.allow_reuse_address = True\nprint('up', flush=True)\ns.TCPServer(('127.0.0.1', {port}), H).serve_forever()"
    );
    let mut daemon = Daemon::new("echo", Path::new("python3"), &["-c", &serve], &log);
    let ready = async || TcpStream::connect(("127.0.0.1", port)).await.is_ok();
    assert!(daemon.start(&[], ready).await, "{}", daemon.log());
    assert_eq!(ask(port, "one\n", "\n").await, "one\n");

    daemon.pause();
    let mut waiting = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    waiting.write_all(b"two\n").await.unwrap();
    let silent = tokio::time::timeout(Duration::from_millis(200), waiting.read_u8()).await;
    assert!(silent.is_err(), "a paused program says nothing");
    daemon.resume();
    assert_eq!(waiting.read_u8().await.unwrap(), b't');

    let status = daemon.terminate(Duration::from_secs(10)).await;
    assert_eq!(status.and_then(|status| status.code()), Some(7));
    assert!(daemon.start(&[], ready).await, "{}", daemon.log());
    daemon.kill();
    assert!(TcpListener::bind(("127.0.0.1", port)).await.is_ok() || !ready().await);
    assert_eq!(daemon.log().matches("up\n").count(), 2);
}

#[tokio::test]
async fn postgres_comes_back_with_the_data_of_its_folder_and_can_be_paused() {
    let folder = temp_dir();
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let data = folder.path().join("postgres");
    let server = Postgres::start_in(&data).await;
    let database = server.databases().database_named("kept").await;
    crate::postgres::sql(&database.owner_url, "CREATE TABLE t (n int); INSERT INTO t VALUES (7)")
        .await
        .unwrap();
    drop(server);

    let server = Postgres::start_in(&data).await;
    let url = server.databases().database_named("kept").await.owner_url;
    assert_eq!(crate::postgres::sql(&url, "SELECT n FROM t").await.unwrap(), "7\n");
    server.pause();
    let asking = crate::postgres::sql(&url, "SELECT n FROM t");
    assert!(tokio::time::timeout(Duration::from_millis(300), asking).await.is_err());
    server.resume();
    let answer = eventually("the server answers", Duration::from_secs(10), async || {
        crate::postgres::sql(&url, "SELECT n FROM t").await.ok()
    });
    assert_eq!(answer.await, "7\n");
}
