use axum::body::Body;
use http::StatusCode;
use rstest::rstest;
use serde_json::{Value, json};

use crate::rig::{Rig, request};

#[tokio::test]
async fn a_path_a_query_and_a_body_become_the_fields_of_a_request() {
    let rig = Rig::new().await;
    let shown = rig.call("GET", "/v1/conversations/conv_a%20b", None).await;
    assert_eq!((shown.status, shown.body["id"].as_str()), (StatusCode::OK, Some("conv_a b")));
    assert_eq!(shown.body["status"], "open");
    assert_eq!(shown.body["waiting_since"], "2023-11-14T22:13:20.005Z");
    assert_eq!((&shown.body["assignee"], &shown.body["last_message"]), (&Value::Null, &Value::Null));
    assert_eq!(shown.body["contact"]["id"], rig.tenant.to_string(), "the token came along");
    assert_eq!(shown.body["contact"]["name"], "0.0.0.0", "and the caller's address");

    let listed =
        rig.call("GET", "/v1/conversations?page_size=5&unread=true&assignee=me&page_token=x", None).await;
    let asked = listed.body["next_page_token"].as_str().unwrap();
    for field in
        ["page_size: 5", "page_token: \"x\"", "assignee: Some(\"me\")", "unread: Some(true)", "status: None"]
    {
        assert!(asked.contains(field), "{field} in {asked}");
    }

    let sent = rig.call("POST", "/v1/conversations/conv_x/messages", Some(json!({"text": "hello"}))).await;
    assert_eq!((sent.status, sent.body["conversation_id"].as_str()), (StatusCode::CREATED, Some("conv_x")));
    assert_eq!((&sent.body["state"], &sent.body["reply_to"]), (&json!("queued"), &Value::Null));
    let typing = rig.call("POST", "/v1/conversations/conv_x/typing", None).await;
    assert_eq!((typing.status, typing.body), (StatusCode::NO_CONTENT, Value::Null));
    let read = rig.call("POST", "/v1/conversations/conv_x/read", None).await;
    assert_eq!((read.status, &read.body["last_seq"]), (StatusCode::OK, &json!(77)), "a body may be left out");
    let seq = json!({"seq": 9_007_199_254_740_993_u64});
    let read = rig.call("POST", "/v1/conversations/conv_x/read", Some(seq)).await;
    assert_eq!(read.body["last_seq"], 9_007_199_254_740_993_u64);
}

#[rstest]
#[case::text(json!({"assignee": "user_x"}), "assignee: Some(\"user_x\")")]
#[case::null(json!({"assignee": null}), "assignee: Some(\"\")")]
#[case::absent(json!({"status": "open"}), "assignee: None")]
#[case::same_as_the_path(json!({"id": "conv_x"}), "id: \"conv_x\"")]
#[tokio::test]
async fn null_takes_away_and_absence_leaves(#[case] body: Value, #[case] expected: &str) {
    let rig = Rig::new().await;
    let answer = rig.call("PATCH", "/v1/conversations/conv_x", Some(body)).await;
    let asked = answer.body["contact"]["name"].as_str().unwrap();
    assert!(asked.contains(expected), "{expected} in {asked}");
}

#[rstest]
#[case::unknown_field("POST", "/v1/conversations/conv_x/messages", json!({"txt": "hi"}), "txt")]
#[case::wrong_type("POST", "/v1/conversations/conv_x/messages", json!({"text": 5}), "text")]
#[case::wrong_nested("POST", "/v1/conversations/conv_x/messages", json!({"buttons": [{"title": true}]}), "buttons[0].title")]
#[case::too_long("POST", "/v1/conversations/conv_x/messages", json!({"text": "x".repeat(20_001)}), "text")]
#[case::missing("POST", "/v1/auth/login", json!({"email": "a@example.org"}), "password")]
#[case::empty("POST", "/v1/auth/login", json!({"email": " ", "password": "x"}), "email")]
#[case::against_the_path("PATCH", "/v1/conversations/conv_x", json!({"id": "conv_y"}), "id")]
#[case::negative("POST", "/v1/conversations/conv_x/read", json!({"seq": -1}), "seq")]
#[case::query_where_a_body_is("POST", "/v1/conversations/conv_x/read?seq=5", json!({}), "seq")]
#[case::unknown_parameter("GET", "/v1/conversations?pagesize=5", Value::Null, "pagesize")]
#[case::wrong_parameter("GET", "/v1/conversations?page_size=-1", Value::Null, "page_size")]
#[case::large_parameter("GET", "/v1/conversations?page_size=5000000000", Value::Null, "page_size")]
#[tokio::test]
async fn what_does_not_fit_is_refused_by_name(
    #[case] method: &str,
    #[case] path: &str,
    #[case] body: Value,
    #[case] field: &str,
) {
    let rig = Rig::new().await;
    let answer = rig.call(method, path, Some(body).filter(|body| !body.is_null())).await;
    assert_eq!(
        (answer.status, &answer.body["field"]),
        (StatusCode::BAD_REQUEST, &json!(field)),
        "{}",
        answer.body
    );
    assert_eq!(answer.headers["content-type"], "application/problem+json");
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let rig = Rig::new().await;
    let (_, token) = rig.agent();
    let bearer = format!("Bearer {token}");
    let send = async |kind: &str, body: String| {
        let path = "/v1/conversations/conv_x/messages";
        let mut request = request("POST", path, &[("authorization", &bearer), ("content-type", kind)], None);
        *request.body_mut() = Body::from(body);
        let answer = rig.send(request).await;
        (answer.status.as_u16(), answer.body["reason"].as_str().unwrap_or_default().to_owned())
    };
    let json = "application/json";
    assert_eq!(send(json, "{\"text\":".into()).await, (400, "invalid_json".into()));
    assert_eq!(send(json, "[]".into()).await, (400, "invalid_body".into()));
    assert_eq!(send(json, "[".repeat(200)).await, (400, "invalid_json".into()));
    assert_eq!(send("text/plain", "{}".into()).await, (415, "unsupported_content_type".into()));
    let huge = format!("{{\"text\":\"{}\"}}", "x".repeat(2 << 20));
    assert_eq!(send(json, huge).await, (413, "body_too_large".into()));
}

#[tokio::test]
async fn a_repeated_write_says_so() {
    let rig = Rig::new().await;
    let (_, token) = rig.agent();
    let bearer = format!("Bearer {token}");
    let send = async |key: &str| {
        let headers = [("authorization", bearer.as_str()), ("idempotency-key", key)];
        let body = Some(json!({"text": "once"}));
        rig.send(request("POST", "/v1/conversations/conv_x/messages", &headers, body)).await
    };
    let first = send("key-1").await;
    assert!(first.status == StatusCode::CREATED && !first.headers.contains_key("idempotent-replayed"));
    assert_eq!(send("key-1").await.headers["idempotent-replayed"], "true");
    assert!(!send("key-2").await.headers.contains_key("idempotent-replayed"));
    for wrong in ["", &"k".repeat(256)] {
        assert_eq!(send(wrong).await.body["reason"], "invalid_idempotency_key");
    }
}
