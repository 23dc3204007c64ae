use http::StatusCode;
use rstest::rstest;
use serde_json::json;
use weft_auth::{Principal, Subject};
use weft_domain::{Role, id};

use crate::rig::{Rig, request};

#[rstest]
#[case("conv_missing", 404, "not_found")]
#[case("conv_taken", 409, "taken")]
#[case("conv_closed", 422, "closed")]
#[case("conv_busy", 429, "rate_limited")]
#[case("conv_broken", 500, "internal")]
#[case("conv_away", 503, "database")]
#[case("conv_large", 413, "too_large")]
#[tokio::test]
async fn an_error_of_a_service_is_a_problem(#[case] id: &str, #[case] status: u16, #[case] reason: &str) {
    let rig = Rig::new().await;
    let answer = rig.call("GET", &format!("/v1/conversations/{id}"), None).await;
    assert_eq!((answer.status.as_u16(), answer.body["reason"].as_str()), (status, Some(reason)));
    assert_eq!(answer.headers["content-type"], "application/problem+json");
    assert!(!answer.body.to_string().contains("secret"));
    if id == "conv_busy" {
        assert_eq!(answer.headers["retry-after"], "3");
    }
}

#[tokio::test]
async fn a_service_that_is_down_or_slow_is_told_apart() {
    let rig = Rig::with("call_timeout_ms = 300").await;
    let down = rig.call("GET", "/v1/files/file_x", None).await;
    assert_eq!((down.status.as_u16(), down.body["reason"].as_str()), (503, Some("service_unavailable")));
    let slow = rig.call("GET", "/v1/conversations/conv_slow", None).await;
    assert_eq!((slow.status.as_u16(), slow.body["reason"].as_str()), (504, Some("deadline_exceeded")));
}

#[tokio::test]
async fn nobody_gets_in_without_a_right() {
    let rig = Rig::new().await;
    let none = rig.send(request("GET", "/v1/conversations", &[], None)).await;
    assert_eq!((none.status, &none.body["reason"]), (StatusCode::UNAUTHORIZED, &json!("missing_token")));
    assert_eq!(none.headers["www-authenticate"], "Bearer");
    let wrong = rig.call_as("nonsense", "GET", "/v1/conversations", None).await;
    assert_eq!((wrong.status, &wrong.body["reason"]), (StatusCode::UNAUTHORIZED, &json!("invalid_token")));
    let forbidden = rig.call("POST", "/v1/auth/keys/rotate", None).await;
    assert_eq!(
        (forbidden.status, &forbidden.body["reason"]),
        (StatusCode::FORBIDDEN, &json!("permission_denied"))
    );
    let unknown = rig.call("GET", "/v1/nothing", None).await;
    assert_eq!((unknown.status, &unknown.body["reason"]), (StatusCode::NOT_FOUND, &json!("no_such_route")));
    let method = rig.call("DELETE", "/v1/conversations", None).await;
    assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
    let (principal, token) = rig.agent();
    let Subject::User(_, session) = principal.subject else { unreachable!("a user") };
    rig.authority.revocations().session(session, chrono::Utc::now());
    let ended = rig.call_as(&token, "GET", "/v1/conversations", None).await;
    assert_eq!((ended.status, &ended.body["reason"]), (StatusCode::UNAUTHORIZED, &json!("session_ended")));
}

#[tokio::test]
async fn an_api_token_is_exchanged_and_carries_only_its_own_rights() {
    let rig = Rig::new().await;
    let token = Principal {
        subject: Subject::Token(id::new(), id::new()),
        scopes: Some(vec!["conversation.read".into()]),
        ..rig.principal(rig.tenant, Role::Admin)
    };
    rig.exchanged.lock().unwrap().push(rig.token(&token));
    assert_eq!(rig.call_as("weft_pat_known", "GET", "/v1/conversations", None).await.status, StatusCode::OK);
    let send = ("POST", "/v1/conversations/conv_x/messages", Some(json!({"text": "x"})));
    assert_eq!(rig.call_as("weft_pat_known", send.0, send.1, send.2).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        rig.call_as("weft_pat_other", "GET", "/v1/conversations", None).await.status,
        StatusCode::UNAUTHORIZED
    );
}
