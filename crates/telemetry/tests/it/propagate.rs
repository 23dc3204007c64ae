use http::{HeaderMap, HeaderValue, Method};
use tonic::metadata::MetadataMap;
use tracing::Instrument as _;
use weft_telemetry::{
    TraceContext, current_context, extract_http, init_for_test, inject_grpc, inject_http, span, trace_id,
};

const REMOTE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const REMOTE_TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

#[tokio::test]
async fn one_trace_goes_from_a_webhook_through_the_bus_to_the_provider() {
    let telemetry = init_for_test();
    let mut headers = HeaderMap::new();
    headers.insert("traceparent", HeaderValue::from_static(REMOTE));
    headers.insert("tracestate", HeaderValue::from_static("vendor=1"));

    let webhook = span::http_server(&Method::POST, Some("/in/{channel}"), &headers);
    let event = async {
        assert_eq!(trace_id().unwrap(), REMOTE_TRACE);
        async { current_context() }.instrument(span::bus_publish("weft.message.received.v1")).await
    };
    let travelling = event.instrument(webhook).await;
    assert_eq!(travelling.tracestate.as_deref(), Some("vendor=1"));

    let consumer = span::bus_consume("router", "weft.message.received.v1", &travelling);
    async { span::provider_call("echo", "send_message").in_scope(|| {}) }.instrument(consumer).await;

    let spans = telemetry.spans_of_trace(REMOTE_TRACE);
    let find = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let server = find("POST /in/{channel}");
    let publish = find("send weft.message.received.v1");
    let consume = find("process weft.message.received.v1");
    let call = find("echo send_message");
    assert_eq!(server.parent_id.as_deref(), Some("00f067aa0ba902b7"));
    assert_eq!(publish.parent_id.as_ref(), Some(&server.span_id));
    assert_eq!(consume.parent_id.as_ref(), Some(&publish.span_id));
    assert_eq!(call.parent_id.as_ref(), Some(&consume.span_id));
    let kinds = [server, publish, consume, call].map(|span| span.kind.as_str());
    assert_eq!(kinds, ["Server", "Producer", "Consumer", "Client"]);
}

#[tokio::test]
async fn headers_and_metadata_carry_the_same_context() {
    init_for_test();
    span::grpc_client("/weft.directory.v1.Directory/GetTenant").in_scope(|| {
        let mut headers = HeaderMap::new();
        inject_http(&mut headers);
        let mut metadata = MetadataMap::new();
        inject_grpc(&mut metadata);

        assert_eq!(extract_http(&headers), current_context());
        assert_eq!(extract_http(&metadata.into_headers()), current_context());
        assert!(current_context().traceparent.unwrap().contains(&trace_id().unwrap()));
    });
}

#[tokio::test]
async fn a_broken_context_begins_a_trace_of_its_own() {
    init_for_test();
    for broken in ["", "00-0-0-01", "garbage", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"] {
        let context = TraceContext { traceparent: Some(broken.to_owned()), tracestate: None };
        let consumer = span::bus_consume("router", "weft.x.v1", &context);
        assert_eq!(consumer.in_scope(|| trace_id().unwrap()).len(), 32);
    }
    assert_eq!(trace_id(), None, "outside of any span");
}
