use std::{fmt, io, time::Duration};

use metrics_exporter_prometheus::PrometheusHandle;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{Error, json_log::JsonLog, log_fields::LogFields, prometheus, tracer};

const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people at a terminal.
    #[default]
    Text,
    /// One JSON object per line, with `trace_id` and `span_id`.
    Json,
}

/// What a process logs and where its traces go.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The service's name on every span.
    pub service: String,
    /// How log lines look.
    pub log: LogFormat,
    /// Which log lines, as in `info,weft_bus=debug`.
    pub filter: String,
    /// Where spans go (OTLP over gRPC); nowhere when unset.
    pub otlp: Option<String>,
    /// The share of traces begun here that is exported, 0 to 1.
    pub sample_ratio: f64,
}

impl Settings {
    /// Text logs from `info` up and no exporter.
    pub fn new(service: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            log: LogFormat::Text,
            filter: "info".to_owned(),
            otlp: None,
            sample_ratio: 1.0,
        }
    }
}

/// Logs, traces and metrics of this process.
#[must_use = "keep it for the life of the process and shut it down at its end"]
pub struct Telemetry {
    traces: SdkTracerProvider,
    metrics: PrometheusHandle,
}

/// Sets up logs, traces and metrics; once per process, inside a tokio runtime when `otlp` is set.
///
/// # Errors
/// When a setting is wrong, or it has been called before.
pub fn init(settings: &Settings) -> Result<Telemetry, Error> {
    let filter = EnvFilter::try_new(&settings.filter)
        .map_err(|source| Error::Filter { filter: settings.filter.clone(), source })?;
    let traces = tracer::provider(settings)?;
    let log = match settings.log {
        LogFormat::Text => tracing_subscriber::fmt::layer().with_writer(io::stderr).boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer()
            .with_writer(io::stderr)
            .fmt_fields(LogFields)
            .event_format(JsonLog)
            .boxed(),
    };
    tracing_subscriber::registry().with(tracer::layer(&traces)).with(log.with_filter(filter)).try_init()?;
    Ok(Telemetry { traces, metrics: prometheus::install()? })
}

impl Telemetry {
    /// All metrics in Prometheus' text format.
    pub fn render_metrics(&self) -> String {
        self.metrics.render()
    }

    /// A cheap handle that renders the metrics, for the `/metrics` route.
    pub fn metrics_renderer(&self) -> impl Fn() -> String + Clone + Send + Sync + 'static {
        let metrics = self.metrics.clone();
        move || metrics.render()
    }

    /// Folds recorded samples into their buckets. Call every few seconds: memory grows while nobody scrapes.
    pub fn tidy_metrics(&self) {
        self.metrics.run_upkeep();
    }

    /// Sends what is left and ends tracing. Blocks up to 5 s: in async code call it on a blocking thread.
    pub fn shutdown(self) {
        if let Err(error) = self.traces.shutdown_with_timeout(FLUSH_TIMEOUT) {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last spans may be lost");
        }
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telemetry")
    }
}
