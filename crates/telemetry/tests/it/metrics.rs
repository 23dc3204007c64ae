use weft_telemetry::init_for_test;

#[tokio::test]
async fn durations_are_histograms_with_buckets() {
    let telemetry = init_for_test();
    metrics::counter!("weft_test_total", "kind" => "a").increment(2);
    metrics::histogram!("weft_test_duration_seconds").record(0.02);

    let text = telemetry.render_metrics();
    assert!(text.contains(r#"weft_test_total{kind="a"} 2"#), "{text}");
    assert!(text.contains(r#"weft_test_duration_seconds_bucket{le="0.01"} 0"#), "{text}");
    assert!(text.contains(r#"weft_test_duration_seconds_bucket{le="0.025"} 1"#), "{text}");
}
