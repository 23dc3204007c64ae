//! Spans with OpenTelemetry's semantic names. Their names have few values: a route, never a path with ids in it.

use http::{HeaderMap, Method};
use tracing::{Span, field::Empty, info_span};

use crate::{TraceContext, extract_http, set_parent};

/// A request that a server answers; `route` is the template, such as `/v1/conversations/{id}`.
pub fn http_server(method: &Method, route: Option<&str>, headers: &HeaderMap) -> Span {
    let known = method_name(method);
    let name = route.map_or_else(|| known.to_owned(), |template| format!("{known} {template}"));
    let span = info_span!(
        "http",
        otel.name = name,
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = known,
        http.route = route,
        http.response.status_code = Empty,
        error.type = Empty,
        tenant.id = Empty,
    );
    set_parent(&span, &extract_http(headers));
    span
}

/// A request sent over HTTP, to `host`; the URL stays out, since tokens sit in paths.
pub fn http_client(method: &Method, host: &str) -> Span {
    let known = method_name(method);
    info_span!(
        "http client",
        otel.name = known,
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = known,
        server.address = host,
        http.response.status_code = Empty,
        error.type = Empty,
    )
}

/// A gRPC call that a server answers; `path` is `/weft.directory.v1.Directory/GetTenant`.
pub fn grpc_server(path: &str, headers: &HeaderMap) -> Span {
    let (service, method) = service_and_method(path);
    let span = info_span!(
        "grpc",
        otel.name = path.trim_start_matches('/'),
        otel.kind = "server",
        otel.status_code = Empty,
        rpc.system = "grpc",
        rpc.service = service,
        rpc.method = method,
        rpc.grpc.status_code = Empty,
        error.type = Empty,
        tenant.id = Empty,
    );
    set_parent(&span, &extract_http(headers));
    span
}

/// A gRPC call that we make.
pub fn grpc_client(path: &str) -> Span {
    let (service, method) = service_and_method(path);
    info_span!(
        "grpc client",
        otel.name = path.trim_start_matches('/'),
        otel.kind = "client",
        otel.status_code = Empty,
        rpc.system = "grpc",
        rpc.service = service,
        rpc.method = method,
        rpc.grpc.status_code = Empty,
        error.type = Empty,
    )
}

/// An event given to the bus; `event_type` such as `weft.message.received.v1`.
pub fn bus_publish(event_type: &str) -> Span {
    info_span!(
        "publish",
        otel.name = format!("send {event_type}"),
        otel.kind = "producer",
        otel.status_code = Empty,
        messaging.system = "weft",
        messaging.operation.type = "send",
        messaging.destination.template = event_type,
        messaging.message.id = Empty,
        error.type = Empty,
        tenant.id = Empty,
    )
}

/// An event that `consumer` works on, as part of the trace that published it.
pub fn bus_consume(consumer: &str, event_type: &str, published: &TraceContext) -> Span {
    let span = info_span!(
        "consume",
        otel.name = format!("process {event_type}"),
        otel.kind = "consumer",
        otel.status_code = Empty,
        messaging.system = "weft",
        messaging.operation.type = "process",
        messaging.consumer.group.name = consumer,
        messaging.destination.template = event_type,
        messaging.message.id = Empty,
        error.type = Empty,
        tenant.id = Empty,
    );
    set_parent(&span, published);
    span
}

/// A call to a provider of channel `kind`; `operation` is a word such as `send_message`.
pub fn provider_call(kind: &str, operation: &str) -> Span {
    info_span!(
        "provider",
        otel.name = format!("{kind} {operation}"),
        otel.kind = "client",
        otel.status_code = Empty,
        channel.kind = kind,
        channel.operation = operation,
        http.response.status_code = Empty,
        error.type = Empty,
        tenant.id = Empty,
    )
}

/// A job that runs by itself; it begins a trace of its own.
pub fn job(name: &str) -> Span {
    info_span!(parent: None, "job", otel.name = name, otel.status_code = Empty, error.type = Empty)
}

/// Marks a span as failed; `kind` is one of few words: a reason, a status.
pub fn fail(span: &Span, kind: &str) {
    span.record("otel.status_code", "ERROR");
    span.record("error.type", kind);
}

/// The method as a label: callers may invent methods, and neither names nor labels may follow them.
pub fn method_name(method: &Method) -> &str {
    const KNOWN: [Method; 9] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
        Method::CONNECT,
        Method::TRACE,
    ];
    if KNOWN.contains(method) { method.as_str() } else { "_OTHER" }
}

fn service_and_method(path: &str) -> (&str, &str) {
    path.trim_start_matches('/').split_once('/').unwrap_or((path, ""))
}
