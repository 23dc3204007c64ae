use std::{
    convert::Infallible,
    io::ErrorKind,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
    routing::{get, post},
};
use futures::stream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use weft_web::{Edge, Limits};

use crate::support::{Server, read_to_end, read_until};

const SHORT: Duration = Duration::from_millis(300);
const HUGE: usize = 64 * 1024 * 1024;
const LONG: Duration = Duration::from_secs(3600);

fn routes() -> Router {
    let routes = Router::new()
        .route("/", get(async || "hello"))
        .route("/count", post(async |body: Bytes| body.len().to_string()))
        .route(
            "/endless",
            get(async || {
                Body::from_stream(stream::repeat(Ok::<_, Infallible>(Bytes::from_static(&[0; 4096]))))
            }),
        )
        .route("/huge", get(async || vec![0_u8; HUGE]));
    Edge::default().around(routes)
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_closed() {
    let server = Server::start(routes(), Limits { head: SHORT, idle: LONG, ..Limits::default() }).await;
    let begun = Instant::now();
    assert_eq!(read_to_end(&mut server.connect().await).await, "");
    assert!(begun.elapsed() >= SHORT);
}

#[tokio::test]
async fn a_head_that_trickles_in_is_cut_at_the_limit() {
    let server = Server::start(routes(), Limits { head: SHORT, idle: LONG, ..Limits::default() }).await;
    for start in ["GET / HTTP/1.1\r\nhost: x\r\nx-slow: ", "P", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut stream = server.connect().await;
        let begun = Instant::now();
        stream.write_all(start.as_bytes()).await.unwrap();
        let mut drops = tokio::time::interval(Duration::from_millis(20));
        let failure = loop {
            drops.tick().await;
            if let Err(error) = stream.write_all(b"a").await {
                break error;
            }
            assert!(begun.elapsed() < Duration::from_secs(8), "{start:?} is not cut");
        };
        assert!(matches!(failure.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset));
    }
}

#[tokio::test]
async fn a_second_head_has_the_same_limit_counted_from_its_first_byte() {
    let server = Server::start(routes(), Limits { head: SHORT, idle: LONG, ..Limits::default() }).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    read_until(&mut stream, "hello").await;
    tokio::time::timeout(SHORT * 3, read_to_end(&mut stream)).await.unwrap_err();

    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    assert_eq!(read_to_end(&mut stream).await, "");
}

#[tokio::test]
async fn an_idle_connection_lives_longer_than_a_head_may_take_and_is_closed_then() {
    let limits = Limits { head: SHORT, idle: SHORT * 4, ..Limits::default() };
    let server = Server::start(routes(), limits).await;
    let mut stream = server.connect().await;
    let begun = Instant::now();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    read_until(&mut stream, "hello").await;
    assert_eq!(read_to_end(&mut stream).await, "");
    assert!(begun.elapsed() >= SHORT * 4);
}

#[tokio::test]
async fn a_body_that_trickles_in_is_refused() {
    let limits = Limits { body_window: SHORT, body_rate: 1000, ..Limits::default() };
    let server = Server::start(routes(), limits).await;
    let mut stream = server.connect().await;
    let begun = Instant::now();
    stream.write_all(b"POST /count HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n").await.unwrap();
    let mut drops = tokio::time::interval(Duration::from_millis(20));
    let trickle = async {
        loop {
            drops.tick().await;
            // what is left of it once the server has closed does not matter
            if stream.write_all(b"a").await.is_err() {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(8), trickle).await.expect("cut off");
    assert!(begun.elapsed() >= SHORT);
}

#[tokio::test]
async fn a_body_that_stops_coming_is_answered_with_a_problem() {
    let limits = Limits { body_window: SHORT, body_rate: 1000, ..Limits::default() };
    let server = Server::start(routes(), limits).await;
    let answer = server.exchange("POST /count HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nabc").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
}

#[tokio::test]
async fn a_body_at_the_least_pace_arrives() {
    let limits = Limits { body_window: SHORT, body_rate: 1000, ..Limits::default() };
    let server = Server::start(routes(), limits).await;
    let mut stream = server.connect().await;
    stream.write_all(b"POST /count HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n").await.unwrap();
    let mut portions = tokio::time::interval(Duration::from_millis(100));
    for _ in 0..10 {
        portions.tick().await;
        stream.write_all(&[b'a'; 500]).await.unwrap();
    }
    assert!(read_until(&mut stream, "\r\n\r\n5000").await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_peer_that_takes_nothing_is_let_go() {
    let server = Server::start(routes(), Limits { idle: SHORT, ..Limits::default() }).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    stream.readable().await.unwrap();

    let mut patience = tokio::time::interval(Duration::from_millis(10));
    let begun = Instant::now();
    while server.tasks.running().iter().any(|(name, _)| name == "http connection") {
        patience.tick().await;
        assert!(begun.elapsed() < Duration::from_secs(8), "still held");
    }
}

#[tokio::test]
async fn a_peer_that_takes_a_long_answer_slowly_gets_it_all() {
    let server = Server::start(routes(), Limits { idle: SHORT, ..Limits::default() }).await;
    let mut stream = server.connect().await;
    stream.write_all(b"GET /huge HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();

    let mut pace = tokio::time::interval(Duration::from_millis(20));
    let mut portion = vec![0; 1024 * 1024];
    let mut received = 0;
    let begun = Instant::now();
    loop {
        pace.tick().await;
        match stream.read(&mut portion).await.unwrap() {
            0 => break,
            count => received += count,
        }
    }
    assert!(received > HUGE, "cut after {received} bytes");
    assert!(begun.elapsed() > SHORT * 2, "not slow enough to tell");
}

#[tokio::test]
async fn who_sends_too_much_is_told_so_and_may_ask_again_on_the_same_connection() {
    let server = Server::start(routes(), Limits::default()).await;
    let body = vec![b'x'; 4 * 1024 * 1024];
    let head = format!("POST /count HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
    for _ in 0..20 {
        let mut stream = server.connect().await;
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body).await.unwrap();
        let answer = read_until(&mut stream, "body_too_large").await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        read_until(&mut stream, "hello").await;
    }
}

#[tokio::test]
async fn who_asks_first_whether_to_send_is_refused_without_being_asked_for_it() {
    let server = Server::start(routes(), Limits::default()).await;
    let head = "POST /nowhere HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 4194304\r\n\r\n";
    let begun = Instant::now();
    let answer = server.exchange(head).await;
    assert!(begun.elapsed() < Duration::from_secs(3), "what was never asked for is not waited for");
    assert!(answer.starts_with("HTTP/1.1 404") && !answer.contains("100 Continue"), "{answer}");
}
