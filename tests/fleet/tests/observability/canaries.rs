use std::collections::BTreeSet;

use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::Value;

use crate::{
    collector::Collector,
    scene::{CANARIES, Scene},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_gets_the_whole_way_and_neither_it_nor_the_log_learns_a_secret_or_a_word() {
    let collector = Collector::start().await;
    let filter = "info,weft=trace";
    let besides = [
        ("WEFT_LOG__OTLP", collector.endpoint.as_str()),
        ("WEFT_LOG__OTLP_METRICS", "true"),
        ("WEFT_LOG__FILTER", filter),
    ];
    let scene = Scene::start(&besides).await;
    let made = scene.play().await;
    let shown = scene.scrape().await;
    let log = scene.stop().await;

    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert!(lines.len() > 20, "{log}");
    assert!(lines.iter().all(|line| line["service"] == "weft" && line["level"].is_string()), "{log}");
    let spoken: Vec<_> = lines.iter().filter(|line| line["span"].is_string()).collect();
    assert!(!spoken.is_empty() && spoken.iter().all(|line| line["trace_id"].is_string()), "{log}");
    assert!(lines.iter().any(|line| line["tenant.id"].is_string()), "{log}");

    let spans = collector.spans();
    let names: BTreeSet<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    let inbound = ["POST /hooks/telegram/{channel_id}", "telegram webhook", "process weft.v1.inbound"];
    assert_chain(&spans, &inbound);
    assert_chain(&spans, &["telegram send", "HTTP POST"]);
    assert!(names.contains("POST /v1/conversations/{conversation_id}/messages"), "{names:?}");
    let sent = collector.metrics();
    for name in ["weft_channel_accepted_total", "weft_outbox_oldest_seconds", "weft_build_info"] {
        assert!(sent.contains(name), "{name} is not in {sent:?}");
    }

    let told = format!("{spans:?}\n{:?}", shown.series);
    for canary in CANARIES.into_iter().chain(made.iter().map(String::as_str)) {
        let leaks: Vec<_> = log.lines().filter(|line| line.contains(canary)).collect();
        assert!(leaks.is_empty(), "{canary} is in the log: {leaks:#?}");
        assert!(!told.contains(canary), "{canary} is in a span or a metric");
    }
}

/// Some trace has spans that begin with these names, each below the one before.
fn assert_chain(spans: &[Span], names: &[&str]) {
    let is_below = |child: &Span, parent: &str| {
        spans.iter().any(|span| {
            span.trace_id == child.trace_id && span.span_id == child.parent_span_id && span.name == parent
        })
    };
    for pair in names.windows(2) {
        let found = spans.iter().any(|span| span.name == pair[1] && is_below(span, pair[0]));
        let all: BTreeSet<_> = spans.iter().map(|span| span.name.as_str()).collect();
        assert!(found, "no {:?} below {:?} in {all:?}", pair[1], pair[0]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_is_away_keeps_nothing_from_working() {
    // nobody listens there any more
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{gone}");
    let besides = [("WEFT_LOG__OTLP", endpoint.as_str()), ("WEFT_LOG__OTLP_METRICS", "true")];
    let scene = Scene::start(&besides).await;
    scene.play().await;
    assert!(scene.scrape().await.series.contains_key("weft_channel_accepted_total"));
    scene.stop().await;
}
