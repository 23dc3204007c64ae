use std::{
    fmt,
    io::{self, IsTerminal as _},
    time::Duration,
};

use metrics_exporter_prometheus::PrometheusHandle;
use metrics_process::Collector;
use metrics_util::layers::FanoutBuilder;
use opentelemetry_sdk::{metrics::SdkMeterProvider, trace::SdkTracerProvider};
use tracing_subscriber::{EnvFilter, Layer as _, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{Error, json_log::JsonLog, log_fields::LogFields, meter, process, prometheus, tracer};

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

impl LogFormat {
    /// Text when a person looks on, JSON when the output goes anywhere but to a terminal.
    pub fn of_output() -> Self {
        let is_watched = io::stdout().is_terminal() && io::stderr().is_terminal();
        if is_watched { Self::Text } else { Self::Json }
    }
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
    /// Whether metrics go there too.
    pub otlp_metrics: bool,
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
            otlp_metrics: false,
            sample_ratio: 1.0,
        }
    }
}

/// Logs, traces and metrics of this process.
#[must_use = "keep it for the life of the process and shut it down at its end"]
pub struct Telemetry {
    traces: SdkTracerProvider,
    meters: Option<SdkMeterProvider>,
    metrics: PrometheusHandle,
    process: Collector,
}

/// Sets up logs, traces and metrics; once per process, inside a tokio runtime when `otlp` is set.
///
/// # Errors
/// When a setting is wrong, or it has been called before.
pub fn init(settings: &Settings) -> Result<Telemetry, Error> {
    let filter = EnvFilter::try_new(&settings.filter)
        .map_err(|source| Error::Filter { filter: settings.filter.clone(), source })?;
    let traces = tracer::provider(settings)?;
    let meters = meter::provider(settings)?;
    let log = match settings.log {
        LogFormat::Text => tracing_subscriber::fmt::layer().with_writer(io::stderr).boxed(),
        LogFormat::Json => tracing_subscriber::fmt::layer()
            .with_writer(io::stderr)
            .fmt_fields(LogFields)
            .event_format(JsonLog { service: settings.service.clone() })
            .boxed(),
    };
    tracing_subscriber::registry().with(tracer::layer(&traces)).with(log.with_filter(filter)).try_init()?;
    let metrics = install_recorder(meters.as_ref())?;
    Ok(Telemetry { traces, meters, metrics, process: process::describe(&settings.service) })
}

fn install_recorder(meters: Option<&SdkMeterProvider>) -> Result<PrometheusHandle, Error> {
    let recorder = prometheus::recorder()?;
    let handle = recorder.handle();
    let Some(meters) = meters else {
        metrics::set_global_recorder(recorder).map_err(|_| Error::Recorder)?;
        return Ok(handle);
    };
    let both =
        FanoutBuilder::default().add_recorder(recorder).add_recorder(meter::MeterRecorder::new(meters));
    metrics::set_global_recorder(both.build()).map_err(|_| Error::Recorder)?;
    Ok(handle)
}

impl Telemetry {
    /// All metrics in Prometheus' text format.
    pub fn render_metrics(&self) -> String {
        self.metrics_renderer()()
    }

    /// A cheap handle that renders the metrics, for the `/metrics` route.
    pub fn metrics_renderer(&self) -> impl Fn() -> String + Clone + Send + Sync + 'static {
        let (metrics, process) = (self.metrics.clone(), self.process.clone());
        move || {
            process.collect();
            metrics.render()
        }
    }

    /// Folds recorded samples into their buckets, and looks at what the process takes. Call every few seconds: memory grows
    /// while nobody scrapes.
    pub fn tidy_metrics(&self) {
        self.process.collect();
        self.metrics.run_upkeep();
    }

    /// Sends what is left and ends. Blocks up to 8 s: in async code call it on a blocking thread.
    pub fn shutdown(self) {
        if let Err(error) = self.traces.shutdown_with_timeout(FLUSH_TIMEOUT) {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last spans may be lost");
        }
        if let Some(meters) = self.meters
            && let Err(error) = meters.shutdown_with_timeout(tracer::EXPORT_TIMEOUT)
        {
            tracing::warn!(error = &error as &dyn std::error::Error, "the last metrics may be lost");
        }
    }
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Telemetry")
    }
}
