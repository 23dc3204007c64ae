use std::time::Duration;

use opentelemetry::{KeyValue, trace::TracerProvider as _};
use opentelemetry_otlp::{SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracer, SdkTracerProvider, TracerProviderBuilder},
};
use tracing::{Level, Metadata, Subscriber, subscriber::Interest};
use tracing_subscriber::{Layer, filter::dynamic_filter_fn, registry::LookupSpan};

use crate::{Error, Settings};

/// For one call to the collector; a collector that hangs costs us no more.
pub(crate) const EXPORT_TIMEOUT: Duration = Duration::from_secs(3);
/// What the exporter itself runs on: a span of these would be exported, which makes another.
const CARRIERS: [&str; 8] =
    ["h2", "hyper", "hyper_util", "tonic", "tower", "reqwest", "rustls", "opentelemetry"];

/// A provider without an exporter still gives every span its ids.
pub(crate) fn provider(settings: &Settings) -> Result<SdkTracerProvider, Error> {
    let builder = builder(&settings.service, settings.sample_ratio);
    let Some(endpoint) = &settings.otlp else { return Ok(builder.build()) };
    let exporter =
        SpanExporter::builder().with_tonic().with_endpoint(endpoint).with_timeout(EXPORT_TIMEOUT).build()?;
    Ok(builder.with_batch_exporter(exporter).build())
}

/// What traces and metrics say about where they come from.
pub(crate) fn resource(service: &str) -> Resource {
    Resource::builder()
        .with_service_name(service.to_owned())
        .with_attribute(KeyValue::new("service.namespace", "weft"))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build()
}

pub(crate) fn builder(service: &str, sample_ratio: f64) -> TracerProviderBuilder {
    SdkTracerProvider::builder()
        .with_resource(resource(service))
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(sample_ratio))))
}

/// Turns spans from `info` up into OpenTelemetry's.
pub(crate) fn layer<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let tracer: SdkTracer = provider.tracer("weft");
    tracing_opentelemetry::layer()
        .with_tracer(tracer)
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(dynamic_filter_fn(|metadata, _| is_ours(metadata)).with_callsite_filter(interest))
}

/// Never `always`: such a span is not asked about again, and drops out when somebody asked about something else just before,
/// as sqlx does after each query. <https://github.com/tokio-rs/tracing/pull/3572>
fn interest(metadata: &'static Metadata<'static>) -> Interest {
    if is_ours(metadata) { Interest::sometimes() } else { Interest::never() }
}

fn is_ours(metadata: &Metadata<'_>) -> bool {
    let root = metadata.target().split("::").next().unwrap_or_default();
    // events would be copied into every span; they are in the log, with the span's id
    metadata.is_span() && *metadata.level() <= Level::INFO && !CARRIERS.contains(&root)
}
