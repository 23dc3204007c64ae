use std::{sync::Arc, time::Duration};

use axum::{Router, routing::get};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, sync::Semaphore};
use weft_web::{Edge, Limits};

use crate::support::{SOON, Server, read_to_end, read_until};

/// A route that says when it was reached and answers when it may.
struct Gate {
    reached: Arc<Semaphore>,
    open: Arc<Semaphore>,
}

impl Gate {
    fn new() -> (Self, Router) {
        let gate = Self { reached: Arc::new(Semaphore::new(0)), open: Arc::new(Semaphore::new(0)) };
        let (reached, open) = (Arc::clone(&gate.reached), Arc::clone(&gate.open));
        let handler = async move || {
            reached.add_permits(1);
            open.acquire().await.unwrap().forget();
            "finished"
        };
        let routes = Router::new().route("/slow", get(handler)).route("/", get(async || "hello"));
        (gate, Edge::default().around(routes))
    }
}

#[tokio::test]
async fn a_running_request_is_finished_and_no_new_connection_is_taken() {
    let (gate, routes) = Gate::new();
    let server = Server::start(routes, Limits::default()).await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    gate.reached.acquire().await.unwrap().forget();
    let mut idle = server.connect().await;
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    read_until(&mut idle, "hello").await;

    server.tasks.stop();
    assert_eq!(read_to_end(&mut idle).await, "", "an idle connection is closed at once");
    while server.tasks.running().iter().any(|(name, _)| name.starts_with("http server")) {
        tokio::task::yield_now().await;
    }
    TcpStream::connect(server.address).await.unwrap_err();

    gate.open.add_permits(1);
    let answer = read_to_end(&mut busy).await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("finished"), "{answer}");
    server.tasks.wait(SOON).await.unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_finish_is_cut_at_the_deadline() {
    let (gate, routes) = Gate::new();
    let limits = Limits { drain: Duration::from_millis(200), ..Limits::default() };
    let server = Server::start(routes, limits).await;
    let mut busy = server.connect().await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    gate.reached.acquire().await.unwrap().forget();

    server.tasks.drain(SOON).await.unwrap();
    assert_eq!(read_to_end(&mut busy).await, "");
}
