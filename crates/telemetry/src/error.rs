/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The log filter cannot be read.
    #[error("log filter `{filter}`: {source}")]
    Filter {
        /// The filter as configured.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// The OTLP exporter cannot be made.
    #[error("otlp exporter: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
    /// The metrics recorder cannot be made.
    #[error("metrics recorder: {0}")]
    Metrics(#[from] metrics_exporter_prometheus::BuildError),
    /// There is a metrics recorder already.
    #[error("metrics recorder: there is one already")]
    Recorder,
    /// There is a log subscriber already.
    #[error("log subscriber: {0}")]
    Subscriber(#[from] tracing_subscriber::util::TryInitError),
}
