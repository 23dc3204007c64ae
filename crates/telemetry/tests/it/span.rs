use http::{HeaderMap, Method};
use weft_telemetry::{init_for_test, span};

#[tokio::test]
async fn what_a_caller_invents_makes_no_new_span_names() {
    let telemetry = init_for_test();
    let invented = Method::from_bytes(b"BREW").unwrap();
    drop(span::http_server(&invented, None, &HeaderMap::new()));

    let brewed = telemetry.spans_named("_OTHER");
    assert_eq!(brewed.len(), 1);
    assert_eq!(brewed[0].attributes["http.request.method"], "_OTHER");
}

#[tokio::test]
async fn a_grpc_span_names_service_and_method_and_its_failure() {
    let telemetry = init_for_test();
    let call = span::grpc_server("/weft.directory.v1.Directory/GetTenant", &HeaderMap::new());
    span::fail(&call, "not_found");
    drop(call);

    let spans = telemetry.spans_named("weft.directory.v1.Directory/GetTenant");
    let [found] = spans.as_slice() else { panic!("{spans:?}") };
    assert_eq!(found.attributes["rpc.service"], "weft.directory.v1.Directory");
    assert_eq!(found.attributes["rpc.method"], "GetTenant");
    assert_eq!(found.attributes["error.type"], "not_found");
    assert!(found.failed);
}

#[tokio::test]
async fn what_the_exporter_runs_on_makes_no_spans() {
    let telemetry = init_for_test();
    tracing::info_span!(target: "h2::client", "exporter traffic").in_scope(|| {});
    tracing::info_span!(target: "weft_rpc", "our traffic").in_scope(|| {});

    assert_eq!(telemetry.spans_named("exporter traffic"), []);
    assert_eq!(telemetry.spans_named("our traffic").len(), 1);
}
