use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use axum::{Router, body::Body, extract::State, http::Request, response::Response};
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{mpsc, oneshot},
    time::timeout,
};
use weft_runtime::TaskSet;

use crate::rig::PATIENCE;

/// A provider on a port of its own: notes each call and answers as it was told, or else well.
pub(crate) struct Provider {
    pub(crate) base: String,
    script: Arc<Script>,
    calls: tokio::sync::Mutex<mpsc::UnboundedReceiver<Call>>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) body: Value,
    pub(crate) authorization: Option<String>,
}

pub(crate) enum Answer {
    Json(u16, Value),
    RetryAfter(u64),
    Bytes(Bytes),
    /// Answers well once it is told to.
    When(oneshot::Receiver<()>),
    /// Begins a body and breaks off.
    Broken,
    Never,
}

struct Script {
    answers: Mutex<HashMap<String, VecDeque<Answer>>>,
    noted: mpsc::UnboundedSender<Call>,
    count: Mutex<usize>,
}

impl Provider {
    pub(crate) async fn start(tasks: &TaskSet) -> Self {
        let (noted, calls) = mpsc::unbounded_channel();
        let script = Arc::new(Script { answers: Mutex::default(), noted, count: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let routes = Router::new().fallback(answer).with_state(Arc::clone(&script));
        tasks.spawn("provider", async move { axum::serve(listener, routes).await });
        Self { base, script, calls: tokio::sync::Mutex::new(calls) }
    }

    /// Answers the next calls of a path; later ones are answered well again.
    pub(crate) fn answer(&self, path: &str, answers: impl IntoIterator<Item = Answer>) {
        self.script.answers.lock().unwrap().entry(path.to_owned()).or_default().extend(answers);
    }

    /// The next call of a path; others before it are passed over.
    pub(crate) async fn call(&self, path: &str) -> Call {
        let mut calls = self.calls.lock().await;
        let found = async {
            loop {
                let call = calls.recv().await.unwrap();
                if call.path.starts_with(path) {
                    return call;
                }
            }
        };
        timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("nobody called {path}"))
    }

    /// Calls of a path that were made and not looked at.
    pub(crate) async fn unseen(&self, path: &str) -> usize {
        let mut calls = self.calls.lock().await;
        std::iter::from_fn(|| calls.try_recv().ok()).filter(|call| call.path.starts_with(path)).count()
    }
}

async fn answer(State(script): State<Arc<Script>>, request: Request<Body>) -> Response {
    let path = request.uri().path().to_owned();
    let authorization = request.headers().get(http::header::AUTHORIZATION);
    let authorization = authorization.map(|value| value.to_str().unwrap().to_owned());
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap();
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let count = {
        let mut count = script.count.lock().unwrap();
        *count += 1;
        *count
    };
    let told = script.answers.lock().unwrap().get_mut(&path).and_then(VecDeque::pop_front);
    script.noted.send(Call { path: path.clone(), body, authorization }).unwrap();
    let json = |status: u16, value: Value| {
        Response::builder().status(status).body(Body::from(value.to_string())).unwrap()
    };
    match told {
        Some(Answer::Json(status, value)) => json(status, value),
        Some(Answer::RetryAfter(seconds)) => {
            Response::builder().status(429).header("retry-after", seconds).body(Body::empty()).unwrap()
        }
        Some(Answer::Bytes(bytes)) => Response::new(Body::from(bytes)),
        Some(Answer::Broken) => {
            let parts = [Ok(Bytes::from_static(b"half")), Err(std::io::Error::other("cut"))];
            Response::new(Body::from_stream(tokio_stream::iter(parts)))
        }
        Some(Answer::Never) => std::future::pending().await,
        Some(Answer::When(told)) => {
            told.await.unwrap();
            json(200, json!({"id": "late"}))
        }
        None => json(200, json!({"id": format!("p{count}")})),
    }
}
