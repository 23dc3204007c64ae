//! The set-up of a real process. It can be made once per process, so the test starts itself again as that process.

use std::process::{Command, Output, Stdio};

use weft_telemetry::{LogFormat, Settings, init, trace_id};

#[tokio::test]
async fn a_filter_that_cannot_be_read_is_refused_by_name() {
    let settings = Settings { filter: "weft=loud".to_owned(), ..Settings::new("test") };
    let error = init(&settings).unwrap_err();
    assert!(error.to_string().contains("log filter `weft=loud`"), "{error}");
}

#[test]
fn trace_ids_exist_without_an_exporter_and_whatever_the_log_filter() {
    let Output { status, stderr, .. } = Command::new(std::env::current_exe().unwrap())
        .args(["process::child_without_an_exporter", "--exact", "--ignored", "--nocapture"])
        .stdout(Stdio::null())
        .output()
        .unwrap();
    let log = String::from_utf8(stderr).unwrap();
    assert!(status.success(), "{log}");

    let line: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(line["message"], "careful");
    assert_eq!(line["service"], "test");
    assert_eq!(line["trace_id"].as_str().unwrap().len(), 32);
    assert!(!log.contains("not shown"), "{log}");
}

#[tokio::test]
#[ignore = "the process that another test looks at"]
async fn child_without_an_exporter() {
    let settings = Settings { log: LogFormat::Json, filter: "warn".to_owned(), ..Settings::new("test") };
    let telemetry = init(&settings).unwrap();
    tracing::info_span!("work").in_scope(|| {
        tracing::info!("not shown");
        tracing::warn!("careful");
        assert_eq!(trace_id().unwrap().len(), 32);
    });
    metrics::counter!("weft_test_total").increment(1);
    assert!(telemetry.metrics_renderer()().contains("weft_test_total 1"));
    let text = telemetry.metrics_renderer()();
    assert!(text.contains(r#"weft_build_info{service="test",version=""#), "{text}");
    let of_process = [
        "resident_memory_bytes",
        "open_fds",
        "max_fds",
        "threads",
        "cpu_seconds_total",
        "start_time_seconds",
    ];
    for name in of_process {
        assert!(text.contains(&format!("# HELP process_{name} ")), "{name}: {text}");
    }
    init(&settings).unwrap_err();
    tokio::task::spawn_blocking(|| telemetry.shutdown()).await.unwrap();
}
