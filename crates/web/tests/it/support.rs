use std::{net::SocketAddr, time::Duration};

use axum::{Router, body::Body, response::Response};
use http::Request;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tower::ServiceExt as _;
use weft_runtime::TaskSet;
use weft_web::{Limits, serve};

pub(crate) const SOON: Duration = Duration::from_secs(10);

/// A server on a free port.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) tasks: TaskSet,
}

impl Server {
    pub(crate) async fn start(router: Router, limits: Limits) -> Self {
        let tasks = TaskSet::new("intake");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = serve(listener, router, limits, tasks.stop_token(), &tasks).unwrap();
        Self { address, tasks }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends one request and reads until the server closes.
    pub(crate) async fn exchange(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        read_to_end(&mut stream).await
    }
}

/// Reads what comes until the server closes; a reset is a close too.
pub(crate) async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = tokio::time::timeout(SOON, stream.read_to_end(&mut bytes));
    drop(read.await.expect("the server closes the connection"));
    String::from_utf8(bytes).unwrap()
}

/// Reads until the text has come.
pub(crate) async fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut text = String::new();
    while !text.contains(wanted) {
        let mut buffer = [0; 4096];
        let count = tokio::time::timeout(SOON, stream.read(&mut buffer)).await.unwrap().unwrap();
        assert_ne!(count, 0, "closed after {text:?}");
        text.push_str(std::str::from_utf8(buffer.get(..count).unwrap()).unwrap());
    }
    text
}

/// Calls routes without a network.
pub(crate) async fn call(router: Router, request: Request<Body>) -> Response {
    router.oneshot(request).await.unwrap()
}

pub(crate) fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

pub(crate) async fn json_of(response: Response) -> Value {
    serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap()
}
