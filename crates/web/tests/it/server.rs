use std::net::SocketAddr;

use axum::{
    Router,
    extract::{ConnectInfo, WebSocketUpgrade, ws::WebSocket},
    routing::{any, get, post},
};
use bytes::Bytes;
use futures::{SinkExt as _, StreamExt as _};
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncWriteExt as _;
use tokio_tungstenite::tungstenite::Message;
use weft_web::{Edge, Limits};

use crate::support::{SOON, Server, read_to_end, read_until};

const HELLO: &str = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
const HELLO_AND_STAY: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n";

fn routes() -> Router {
    let routes = Router::new()
        .route("/", get(async || "hello"))
        .route("/peer", get(async |ConnectInfo(peer): ConnectInfo<SocketAddr>| peer.to_string()))
        .route("/count", post(async |body: Bytes| body.len().to_string()))
        .route("/ws", any(async |upgrade: WebSocketUpgrade| upgrade.on_upgrade(echo)));
    Edge { body_limit: 1000, ..Edge::default() }.around(routes)
}

async fn echo(mut socket: WebSocket) {
    while let Some(Ok(message)) = socket.recv().await {
        if socket.send(message).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_413() {
    let server = Server::start(routes(), Limits::default()).await;
    let body = "a".repeat(1001);
    let head = "POST /count HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
    let declared = server.exchange(&format!("{head}content-length: 1001\r\n\r\n{body}")).await;
    let chunked =
        server.exchange(&format!("{head}transfer-encoding: chunked\r\n\r\n3e9\r\n{body}\r\n0\r\n\r\n")).await;
    for answer in [declared, chunked] {
        assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
        assert!(answer.contains(r#""reason":"body_too_large""#), "{answer}");
    }
}

#[tokio::test]
async fn a_head_over_the_limits_is_refused() {
    let server = Server::start(routes(), Limits { headers: 10, ..Limits::default() }).await;
    let many = "x: y\r\n".repeat(20);
    let answer = server.exchange(&format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");

    let long = "a".repeat(64 * 1024);
    let refused = server.exchange(&format!("GET / HTTP/1.1\r\nhost: x\r\nx: {long}\r\n\r\n")).await;
    assert!(!refused.contains("200 OK"), "{refused}");
}

#[tokio::test]
async fn connections_over_the_limit_are_refused_until_one_ends() {
    let total = Limits { connections: 1, ..Limits::default() };
    let per_address = Limits { connections_per_address: 1, ..Limits::default() };
    for limits in [total, per_address] {
        let server = Server::start(routes(), limits).await;
        let mut first = server.connect().await;
        first.write_all(HELLO_AND_STAY).await.unwrap();
        read_until(&mut first, "hello").await;

        let refused = read_to_end(&mut server.connect().await).await;
        assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("retry-after: 1"), "{refused}");

        drop(first);
        while server.tasks.running().iter().any(|(name, _)| name == "http connection") {
            tokio::task::yield_now().await;
        }
        assert!(server.exchange(HELLO).await.contains("hello"));
    }
}

#[tokio::test]
async fn a_websocket_passes_and_holds_its_place() {
    let server = Server::start(routes(), Limits { connections: 1, ..Limits::default() }).await;
    let stream = server.connect().await;
    let (mut socket, _) =
        tokio_tungstenite::client_async(format!("ws://{}/ws", server.address), stream).await.unwrap();
    socket.send(Message::text("hello")).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text("hello"));

    let refused = read_to_end(&mut server.connect().await).await;
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
}

#[tokio::test]
async fn http2_is_spoken_on_the_same_port() {
    let server = Server::start(routes(), Limits::default()).await;
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(server.connect().await))
            .await
            .unwrap();
    server.tasks.spawn("client", async { drop(connection.await) });

    let requests = (0..20).map(|_| {
        let request =
            Request::get(format!("http://{}/", server.address)).body(Empty::<Bytes>::new()).unwrap();
        sender.send_request(request)
    });
    for answer in futures::future::join_all(requests.collect::<Vec<_>>()).await {
        let response = answer.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hello");
    }
    drop(sender);
    server.tasks.drain(SOON).await.unwrap();
}

#[tokio::test]
async fn a_handler_sees_its_peer() {
    let server = Server::start(routes(), Limits::default()).await;
    let answer = server.exchange("GET /peer HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    assert!(answer.contains("\r\n\r\n127.0.0.1:"), "{answer}");
}
