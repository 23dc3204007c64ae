use std::{collections::BTreeMap, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Path, Query},
    response::Html,
    routing::{get, post},
};
use http::{HeaderMap, Request, StatusCode, header};
use serde_json::Value;
use weft_telemetry::init_for_test;
use weft_web::Edge;

use crate::support::{call, get as fetch, json_of};

fn routes(edge: Edge) -> Router {
    let routes = Router::new()
        .route("/things/{id}", get(async |Path(id): Path<u32>| id.to_string()))
        .route("/search", get(async |Query(_query): Query<BTreeMap<String, u8>>| "found"))
        .route("/panic", get(async || -> &'static str { panic!("secret detail") }))
        .route("/forever", get(std::future::pending::<&'static str>))
        .route("/sleepy", get(async || tokio::time::sleep(Duration::from_secs(40)).await))
        .route(
            "/page",
            get(async || ([(header::CONTENT_SECURITY_POLICY, "default-src 'self'")], Html("<p>"))),
        )
        .route(
            "/headers",
            get(async |headers: HeaderMap| format!("{:?}", headers.keys().collect::<Vec<_>>())),
        )
        .route("/teapot", post(async || (StatusCode::IM_A_TEAPOT, Html("<p>my own answer"))));
    edge.around(routes)
}

async fn problem(path: &str, status: StatusCode) -> Value {
    let response = call(routes(Edge::default()), fetch(path)).await;
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    json_of(response).await
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let unknown = problem("/nowhere", StatusCode::NOT_FOUND).await;
    assert_eq!(unknown["type"], "https://weft.dev/errors/no_such_route");

    let response = call(routes(Edge::default()), fetch("/teapot")).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(response.headers()[header::ALLOW], "POST");
    assert_eq!(json_of(response).await["reason"], "method_not_allowed");
}

#[tokio::test]
async fn refusals_of_extractors_are_problems_and_answers_of_handlers_stay() {
    let wrong = problem("/things/seven", StatusCode::BAD_REQUEST).await;
    assert_eq!((&wrong["code"], &wrong["reason"]), (&"invalid".into(), &"invalid_request".into()));
    assert!(wrong["detail"].as_str().unwrap().contains("seven"), "{wrong}");
    problem("/search?x=300", StatusCode::BAD_REQUEST).await;

    let brew = Request::post("/teapot").body(Body::empty()).unwrap();
    let own = call(routes(Edge::default()), brew).await;
    assert_eq!(own.status(), StatusCode::IM_A_TEAPOT);
    assert!(own.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing_but_its_trace() {
    let telemetry = init_for_test();
    let told = problem("/panic", StatusCode::INTERNAL_SERVER_ERROR).await;
    assert!(!told.to_string().contains("secret detail"), "{told}");

    let spans = telemetry.spans_named("GET /panic");
    let [span] = spans.as_slice() else { panic!("{spans:?}") };
    assert_eq!(told["instance"], span.trace_id.as_str());
    assert!(span.failed);
    assert_eq!(span.attributes["http.response.status_code"], "500");
    let lines = telemetry.log_lines();
    let about: Vec<_> = lines.iter().filter(|line| line.contains("secret detail")).collect();
    assert_eq!(about.len(), 1, "logged once: {lines:?}");
    assert!(about[0].contains(&span.trace_id));
}

#[tokio::test(start_paused = true)]
async fn a_handler_without_an_answer_is_given_up() {
    let late = problem("/forever", StatusCode::GATEWAY_TIMEOUT).await;
    assert_eq!(late["reason"], "deadline_exceeded");

    let edge =
        Edge { route_deadlines: BTreeMap::from([("/sleepy", Duration::from_secs(60))]), ..Edge::default() };
    assert_eq!(call(routes(edge), fetch("/sleepy")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn browsers_are_told_to_be_careful() {
    let plain = call(routes(Edge::default()), fetch("/nowhere")).await;
    let headers = plain.headers();
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(headers[header::REFERRER_POLICY], "no-referrer");
    assert!(headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("frame-ancestors 'none'"));
    assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY));

    let secure = call(routes(Edge { https: true, ..Edge::default() }), fetch("/page")).await;
    assert!(secure.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
    assert_eq!(secure.headers()[header::CONTENT_SECURITY_POLICY], "default-src 'self'", "a page has its own");
}

#[tokio::test]
async fn who_a_caller_claims_to_be_is_dropped() {
    let mut request = fetch("/headers");
    for name in ["x-weft-tenant", "x-forwarded-user", "x-auth-request-email", "x-request-id"] {
        request.headers_mut().insert(name, "ten_1".parse().unwrap());
    }
    let response = call(routes(Edge::default()), request).await;
    let bytes = axum::body::to_bytes(response.into_body(), 1000).await.unwrap();
    assert_eq!(bytes, r#"["x-request-id"]"#);
}

#[tokio::test]
async fn requests_are_counted_by_route_and_never_by_path() {
    let telemetry = init_for_test();
    call(routes(Edge::default()), fetch("/things/4711")).await;
    call(routes(Edge::default()), fetch("/4711")).await;

    let text = telemetry.render_metrics();
    assert!(
        text.contains(r#"weft_http_requests_total{route="/things/{id}",method="GET",status="2xx"} 1"#),
        "{text}"
    );
    assert!(text.contains(r#"route="unmatched",method="GET",status="4xx""#), "{text}");
    assert!(text.contains("weft_http_request_duration_seconds_bucket"), "{text}");
    assert!(text.contains("weft_http_requests_in_flight 0"), "{text}");
    assert!(!text.contains("4711"), "{text}");
}

#[tokio::test]
async fn a_request_belongs_to_its_callers_trace() {
    let telemetry = init_for_test();
    let mut request = fetch("/things/1");
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    request.headers_mut().insert("traceparent", parent.parse().unwrap());
    call(routes(Edge::default()), request).await;
    assert_eq!(telemetry.spans_of_trace("4bf92f3577b34da6a3ce929d0e0e4736")[0].name, "GET /things/{id}");
}
