use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};
use weft_testkit::{ChaosProxy, Redis};

#[tokio::test]
async fn a_proxy_delays_stalls_cuts_and_recovers() {
    let redis = Redis::start().await;
    let proxy = ChaosProxy::start(format!("127.0.0.1:{}", redis.port())).await;
    let mut client = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(ping(&mut client).await, "+PONG\r\n");

    proxy.delay(Duration::from_millis(50));
    let start = Instant::now();
    assert_eq!(ping(&mut client).await, "+PONG\r\n");
    assert!(start.elapsed() >= Duration::from_millis(100), "both ways are delayed");

    proxy.stall();
    assert!(timeout(Duration::from_millis(100), ping(&mut client)).await.is_err());
    proxy.pass();
    assert_eq!(read(&mut client).await, "+PONG\r\n", "what was stalled arrives");

    proxy.cut();
    assert_eq!(read(&mut client).await, "", "the connection is closed");
    let mut refused = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(read(&mut refused).await, "");
    proxy.pass();
    let mut again = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(ping(&mut again).await, "+PONG\r\n");
}

async fn ping(client: &mut TcpStream) -> String {
    client.write_all(b"PING\r\n").await.unwrap();
    read(client).await
}

async fn read(client: &mut TcpStream) -> String {
    let mut answer = [0; 64];
    let count = client.read(&mut answer).await.unwrap_or_default();
    String::from_utf8_lossy(&answer[..count]).into_owned()
}
