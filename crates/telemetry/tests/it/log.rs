use serde_json::Value;
use tracing::info_span;
use weft_telemetry::{init_for_test, span, trace_id};

fn line_saying(telemetry: &weft_telemetry::TestTelemetry, message: &str) -> Value {
    let parsed = telemetry.log_lines().into_iter().map(|line| serde_json::from_str::<Value>(&line).unwrap());
    parsed.into_iter().find(|line| line["message"] == message).unwrap()
}

#[tokio::test]
async fn a_json_line_carries_its_trace_and_the_fields_of_its_spans() {
    let telemetry = init_for_test();
    let outer = info_span!("outer", tenant.id = "ten_1", colour = "red", late = tracing::field::Empty);
    let seen = outer.in_scope(|| {
        outer.record("late", 7);
        info_span!("inner", colour = "blue").in_scope(|| {
            tracing::info!(duration_ms = 12, "it happened");
            trace_id().unwrap()
        })
    });

    let line = line_saying(&telemetry, "it happened");
    assert_eq!(line["level"], "info");
    assert_eq!(line["trace_id"], seen);
    assert_eq!(line["span_id"].as_str().unwrap().len(), 16);
    assert_eq!(line["span"], "inner");
    assert_eq!(line["tenant.id"], "ten_1");
    assert_eq!(line["colour"], "blue");
    assert_eq!(line["late"], 7);
    assert_eq!(line["duration_ms"], 12);
    assert!(line["time"].as_str().unwrap().ends_with('Z'));
}

#[tokio::test]
async fn a_json_line_tells_the_whole_chain_of_an_error_and_nothing_of_otel() {
    let telemetry = init_for_test();
    let cause = std::io::Error::other("disk is full");
    let error = weft_domain::Error::internal(cause);
    span::job("sweep").in_scope(|| {
        tracing::error!(error = &error as &dyn std::error::Error, "it broke");
    });

    let line = line_saying(&telemetry, "it broke");
    assert_eq!(line["error"], "internal: something went wrong on our side: disk is full");
    assert_eq!(line.get("otel.name"), None);
}
