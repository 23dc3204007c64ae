//! Metrics, traces, dashboards and alerts: `deploy/observability`, mounted.

use serde_json::{Value, json};

use super::container::Container;

const OBSERVABILITY: &str = "./deploy/observability";

pub(super) fn all() -> Vec<(String, Value)> {
    vec![collector(), traces(), prometheus(), grafana()]
}

fn collector() -> (String, Value) {
    let path = "/etc/otelcol-contrib/config.yaml";
    Container::new("otel/opentelemetry-collector-contrib:0.128.0", "10001:10001")
        .with("environment", json!({"TRACES_ENDPOINT": "traces:4317", "TRACES_INSECURE": "true"}))
        .with("volumes", json!([format!("{OBSERVABILITY}/collector/collector.yml:{path}:ro")]))
        .named("collector")
}

/// The newest traces, in memory: for looking at, not for keeping.
fn traces() -> (String, Value) {
    Container::new("jaegertracing/jaeger:2.8.0", "10001:10001")
        .with("environment", json!({"JAEGER_LISTEN_HOST": "0.0.0.0"}))
        .with("ports", json!(["127.0.0.1:16686:16686"]))
        .with("mem_limit", json!("512m"))
        .open()
        .named("traces")
}

fn prometheus() -> (String, Value) {
    Container::new("prom/prometheus:v3.5.0", "65534:65534")
        .with(
            "volumes",
            json!([
                "./deploy/compose/prometheus.yml:/etc/prometheus/prometheus.yml:ro",
                format!("{OBSERVABILITY}/prometheus/alerts.yml:/etc/prometheus/alerts.yml:ro"),
                "prometheus:/prometheus",
            ]),
        )
        .with("ports", json!(["127.0.0.1:9091:9090"]))
        .healthy_if(&["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9090/-/ready"])
        .open()
        .named("prometheus")
}

fn grafana() -> (String, Value) {
    Container::new("grafana/grafana:12.0.2", "472:0")
        .with(
            "environment",
            json!({
                "GF_SECURITY_ADMIN_PASSWORD": "${WEFT_GRAFANA_PASSWORD:?see deploy/compose.env.example}",
                "GF_ANALYTICS_REPORTING_ENABLED": "false",
                "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
                "PROMETHEUS_URL": "http://prometheus:9090",
            }),
        )
        .with(
            "volumes",
            json!([
                format!("{OBSERVABILITY}/grafana/provisioning:/etc/grafana/provisioning:ro"),
                format!("{OBSERVABILITY}/grafana/dashboards:/etc/grafana/dashboards:ro"),
                "grafana:/var/lib/grafana",
            ]),
        )
        .with("tmpfs", json!(["/tmp"]))
        .with("ports", json!(["127.0.0.1:3000:3000"]))
        .healthy_if(&["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:3000/api/health"])
        .open()
        .named("grafana")
}
