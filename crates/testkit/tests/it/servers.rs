use weft_testkit::{Nats, Redis, temp_dir};

use crate::{ask, is_listening};

#[tokio::test]
async fn a_killed_redis_comes_back_empty_on_its_port() {
    let mut redis = Redis::start().await;
    assert!(ask(redis.port(), "SET a 1\r\nGET a\r\n", "$1\r\n1\r\n").await.contains("$1\r\n1\r\n"));
    redis.flush().await;
    assert!(ask(redis.port(), "GET a\r\n", "$-1").await.contains("$-1"));
    redis.kill();
    assert!(!is_listening(redis.port()).await);
    redis.restart().await;
    assert!(ask(redis.port(), "PING\r\n", "PONG").await.contains("PONG"));
}

#[tokio::test]
async fn a_killed_nats_comes_back_with_its_streams() {
    let folder = temp_dir();
    let mut nats = Nats::start_in(folder.path()).await;
    let create = r#"{"name":"S","subjects":["s"]}"#;
    let made = js(&nats, "STREAM.CREATE.S", create).await;
    assert!(made.contains("create_response") && !made.contains("error"), "{made}");
    nats.kill();
    assert!(!is_listening(nats.port()).await);
    nats.restart().await;
    let info = js(&nats, "STREAM.INFO.S", "").await;
    assert!(!info.contains("error"), "{info}");
    drop(nats);

    let other = Nats::start_in(folder.path()).await;
    let info = js(&other, "STREAM.INFO.S", "").await;
    assert!(!info.contains("error"), "{info}");
    assert!(js(&other, "STREAM.INFO.T", "").await.contains("stream not found"));
}

async fn js(nats: &Nats, call: &str, body: &str) -> String {
    let request = format!(
        "CONNECT {{\"verbose\":false}}\r\nSUB answer 1\r\nPUB $JS.API.{call} answer {}\r\n{body}\r\n",
        body.len()
    );
    ask(nats.port(), &request, "}\r\n").await
}

#[tokio::test]
async fn a_dropped_server_is_gone_with_its_folder() {
    let redis = Redis::start().await;
    let port = redis.port();
    drop(redis);
    assert!(!is_listening(port).await);
}
