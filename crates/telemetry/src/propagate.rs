use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry::{
    Context,
    propagation::{Extractor, Injector, TextMapPropagator as _},
    trace::TraceContextExt as _,
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tonic::metadata::MetadataMap;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";

/// Where in a trace something happened, as it travels (W3C Trace Context).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TraceContext {
    /// Trace id, span id and flags.
    pub traceparent: Option<String>,
    /// What other tracing systems add.
    pub tracestate: Option<String>,
}

impl Injector for TraceContext {
    fn set(&mut self, key: &str, value: String) {
        match key {
            TRACEPARENT => self.traceparent = Some(value),
            TRACESTATE if !value.is_empty() => self.tracestate = Some(value),
            _ => {}
        }
    }
}

impl Extractor for TraceContext {
    fn get(&self, key: &str) -> Option<&str> {
        match key {
            TRACEPARENT => self.traceparent.as_deref(),
            TRACESTATE => self.tracestate.as_deref(),
            _ => None,
        }
    }

    fn keys(&self) -> Vec<&str> {
        vec![TRACEPARENT, TRACESTATE]
    }
}

/// The current span, to be sent along.
pub fn current_context() -> TraceContext {
    let mut travelling = TraceContext::default();
    TraceContextPropagator::new().inject_context(&Span::current().context(), &mut travelling);
    travelling
}

/// Makes the remote span the parent of `span`. Only works before `span` is entered for the first time.
pub fn set_parent(span: &Span, remote: &TraceContext) {
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), remote);
    if !context.span().span_context().is_valid() {
        return;
    }
    if let Err(error) = span.set_parent(context) {
        tracing::debug!(%error, "a span stays without its remote parent");
    }
}

/// The current trace's id as 32 hex digits, for error bodies.
pub fn trace_id() -> Option<String> {
    let context = Span::current().context();
    let ids = context.span().span_context().clone();
    ids.is_valid().then(|| ids.trace_id().to_string())
}

/// Reads the trace context from HTTP headers; gRPC requests have the same.
pub fn extract_http(headers: &HeaderMap) -> TraceContext {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    TraceContext { traceparent: text(TRACEPARENT), tracestate: text(TRACESTATE) }
}

/// Writes the current span into HTTP headers.
pub fn inject_http(headers: &mut HeaderMap) {
    for (name, value) in pairs(current_context()) {
        if let Ok(valid) = HeaderValue::try_from(value) {
            headers.insert(HeaderName::from_static(name), valid);
        }
    }
}

/// Writes the current span into gRPC metadata.
pub fn inject_grpc(metadata: &mut MetadataMap) {
    for (name, value) in pairs(current_context()) {
        if let Ok(valid) = value.parse() {
            metadata.insert(name, valid);
        }
    }
}

fn pairs(context: TraceContext) -> impl Iterator<Item = (&'static str, String)> {
    [(TRACEPARENT, context.traceparent), (TRACESTATE, context.tracestate)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
}
