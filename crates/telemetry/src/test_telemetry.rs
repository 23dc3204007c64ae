use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use metrics_exporter_prometheus::PrometheusHandle;
use opentelemetry::{Value, trace::Status};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing_subscriber::{
    EnvFilter, Layer as _,
    fmt::{MakeWriter, TestWriter},
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::{json_log::JsonLog, log_fields::LogFields, prometheus, tracer};

/// Subscriber and recorder belong to the process, so tests in one process have to share them.
static SHARED: OnceLock<TestTelemetry> = OnceLock::new();

/// Logs, traces and metrics kept in memory, for tests to look at. Clones see the same.
#[derive(Clone)]
pub struct TestTelemetry {
    exporter: InMemorySpanExporter,
    traces: SdkTracerProvider,
    metrics: PrometheusHandle,
    log: Captured,
}

/// A span that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FinishedSpan {
    /// Its name in traces.
    pub name: String,
    /// 32 hex digits.
    pub trace_id: String,
    /// 16 hex digits.
    pub span_id: String,
    /// The parent's span id; none for the first of a trace.
    pub parent_id: Option<String>,
    /// `Server`, `Client`, `Producer`, `Consumer` or `Internal`.
    pub kind: String,
    /// Whether it was marked as failed.
    pub failed: bool,
    /// Its fields as text.
    pub attributes: BTreeMap<String, String>,
}

/// Sets up telemetry for tests, or gives back what an earlier test of this process set up.
///
/// # Panics
/// When the process has a log subscriber or a metrics recorder of another making.
pub fn init_for_test() -> TestTelemetry {
    SHARED.get_or_init(install).clone()
}

#[expect(clippy::expect_used, reason = "only tests come here, and they want to fail loudly")]
fn install() -> TestTelemetry {
    let exporter = InMemorySpanExporter::default();
    let traces = tracer::builder("test", 1.0).with_simple_exporter(exporter.clone()).build();
    let log = Captured::default();
    let to_memory = tracing_subscriber::fmt::layer()
        .with_writer(log.clone())
        .fmt_fields(LogFields)
        .event_format(JsonLog { service: "test".to_owned() })
        .with_filter(EnvFilter::new("info,weft=trace"));
    let to_output =
        tracing_subscriber::fmt::layer().with_writer(TestWriter::new()).with_filter(EnvFilter::new("info"));
    tracing_subscriber::registry()
        .with(tracer::layer(&traces))
        .with(to_memory)
        .with(to_output)
        .try_init()
        .expect("no other subscriber");
    let recorder = prometheus::recorder().expect("the buckets are right");
    let metrics = recorder.handle();
    metrics::set_global_recorder(recorder).expect("no other recorder");
    TestTelemetry { exporter, traces, metrics, log }
}

impl TestTelemetry {
    /// All finished spans, in the order of their end.
    pub fn spans(&self) -> Vec<FinishedSpan> {
        drop(self.traces.force_flush());
        self.exporter.get_finished_spans().unwrap_or_default().iter().map(FinishedSpan::from).collect()
    }

    /// The finished spans of this name.
    pub fn spans_named(&self, name: &str) -> Vec<FinishedSpan> {
        self.spans().into_iter().filter(|span| span.name == name).collect()
    }

    /// The finished spans of one trace.
    pub fn spans_of_trace(&self, trace_id: &str) -> Vec<FinishedSpan> {
        self.spans().into_iter().filter(|span| span.trace_id == trace_id).collect()
    }

    /// Every log line so far, as JSON: to look for what must be there, or must not.
    pub fn log_lines(&self) -> Vec<String> {
        let bytes = self.log.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect()
    }

    /// All metrics in Prometheus' text format.
    pub fn render_metrics(&self) -> String {
        self.metrics.render()
    }

    /// Forgets spans and log lines.
    pub fn clear(&self) {
        self.exporter.reset();
        self.log.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl From<&SpanData> for FinishedSpan {
    fn from(span: &SpanData) -> Self {
        let parent = span.parent_span_id;
        let text = |value: &Value| value.as_str().into_owned();
        Self {
            name: span.name.to_string(),
            trace_id: span.span_context.trace_id().to_string(),
            span_id: span.span_context.span_id().to_string(),
            parent_id: (parent != opentelemetry::trace::SpanId::INVALID).then(|| parent.to_string()),
            kind: format!("{:?}", span.span_kind),
            failed: matches!(span.status, Status::Error { .. }),
            attributes: span
                .attributes
                .iter()
                .map(|pair| (pair.key.to_string(), text(&pair.value)))
                .collect(),
        }
    }
}

#[derive(Clone, Debug, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl io::Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
