use std::{io, time::Duration};

use axum::{Router, response::IntoResponse as _, routing::get};
use http::{StatusCode, header};
use serde_json::json;
use weft_domain::{Error, ErrorCode};
use weft_telemetry::init_for_test;
use weft_web::{FieldError, Problem, Result};

use crate::support::{call, get as fetch, json_of};

#[tokio::test]
async fn every_code_has_its_status() {
    let statuses = ErrorCode::ALL.map(|code| {
        let response = Problem::from(Error::new(code, "a_reason", "words")).into_response();
        response.status().as_u16()
    });
    assert_eq!(statuses, [400, 401, 403, 404, 409, 422, 413, 429, 503, 504, 500]);
}

#[tokio::test]
async fn a_handler_may_use_the_question_mark_on_a_domain_error() {
    async fn handler() -> Result<&'static str> {
        let failed: weft_domain::Result<()> =
            Err(Error::invalid_field("settings.api_base", "must be an https url"));
        failed?;
        Ok("fine")
    }
    let response = call(Router::new().route("/", get(handler)), fetch("/")).await;
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    let expected = json!({
        "type": "https://weft.dev/errors/invalid_field",
        "title": "The request is wrong",
        "status": 400,
        "detail": "must be an https url",
        "code": "invalid",
        "reason": "invalid_field",
        "field": "settings.api_base",
    });
    assert_eq!(json_of(response).await, expected);
}

#[tokio::test]
async fn callers_are_told_how_to_come_back() {
    let throttled = Problem::from(Error::throttled(Duration::from_millis(1200))).into_response();
    assert_eq!(throttled.headers()[header::RETRY_AFTER], "2", "rounded up");
    let down = Problem::from(Error::unavailable("store_down")).into_response();
    assert_eq!(down.headers()[header::RETRY_AFTER], "1");
    let nobody = Problem::from(Error::unauthenticated("no_token", "sign in")).into_response();
    assert_eq!(nobody.headers()[header::WWW_AUTHENTICATE], "Bearer");
}

#[tokio::test]
async fn the_source_goes_to_the_log_and_never_to_the_caller() {
    let telemetry = init_for_test();
    let error = Error::internal(io::Error::other("password is hunter2"));
    let body = json_of(Problem::from(error).into_response()).await;
    assert!(!body.to_string().contains("hunter2"), "{body}");
    assert!(telemetry.log_lines().iter().any(|line| line.contains("hunter2")));

    telemetry.clear();
    drop(Problem::from(Error::not_found("contact")).into_response());
    assert_eq!(telemetry.log_lines(), [""; 0], "the caller's own mistakes are not logged");
}

#[tokio::test]
async fn several_faulty_fields_are_all_named() {
    let errors = vec![FieldError { field: "a".to_owned(), message: "too long".to_owned() }];
    let problem = Problem::from(Error::invalid("invalid_fields", "mend the fields")).with_errors(errors);
    let body = json_of(problem.into_response()).await;
    assert_eq!(body["errors"], json!([{ "field": "a", "message": "too long" }]));
}
