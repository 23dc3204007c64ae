use std::{
    io::Write,
    sync::{Arc, Mutex},
};

use metrics_exporter_prometheus::PrometheusBuilder;
use tracing_subscriber::{filter::LevelFilter, fmt::format::FmtSpan};
use weft_http::{HeaderMap, HeaderValue, Request};

use crate::{
    client,
    server::{Server, ok},
};

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn block_on(work: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work);
}

fn inject(headers: &mut HeaderMap) {
    headers.insert("traceparent", HeaderValue::from_static("00-1-1-01"));
}

#[test]
fn the_span_shows_host_template_and_status_and_no_log_at_any_level_shows_the_url() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::TRACE)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .finish();
    tracing::subscriber::with_default(subscriber, || {
        block_on(async {
            let server = Server::answering(ok("")).await;
            let call = Request::post(&server.url("/bot-canary/send?canary")).bearer("canary");
            client().send(call.template("/bot{token}/send")).await.unwrap();
        });
    });
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for shown in
        ["otel.name=\"HTTP POST\"", "server.address=\"127.0.0.1\"", "/bot{token}/send", "status_code=200"]
    {
        assert!(text.contains(shown), "{shown} is not in {text}");
    }
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn calls_are_counted_by_class_of_host_and_outcome() {
    let recorder = PrometheusBuilder::new().build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        block_on(async {
            let server = Server::answering(ok("")).await;
            client().send(Request::get(&server.url("/")).host_class("echo")).await.unwrap();
            client().send(Request::get("http://127.0.0.1:1/").host_class("webhook")).await.unwrap_err();
        });
    });
    let text = handle.render();
    for line in [
        "weft_http_client_requests_total{host_class=\"echo\",outcome=\"2xx\"} 1",
        "weft_http_client_requests_total{host_class=\"webhook\",outcome=\"unreachable\"} 1",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[tokio::test]
async fn the_trace_goes_along_only_when_asked() {
    let server = Server::answering(ok("")).await;
    client().send(Request::get(&server.url("/"))).await.unwrap();
    client().send(Request::get(&server.url("/")).propagate_trace(inject)).await.unwrap();
    let [without, with] = server.seen().try_into().unwrap();
    assert!(!without.contains("traceparent") && with.contains("traceparent: 00-1-1-01"));
}
