use axum::{Router, body::Body, routing::post};
use http::{Request, StatusCode, header::CONTENT_TYPE};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_web::{Edge, Json};

use crate::support::{call, json_of};

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Team {
    name: String,
    members: Vec<Member>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Member {
    age: u8,
}

async fn send(kind: &str, body: &str) -> (StatusCode, Value) {
    let routes = Router::new().route("/", post(async |Json(team): Json<Team>| Json(team)));
    let edge = Edge { body_limit: 200, ..Edge::default() };
    let request = Request::post("/").header(CONTENT_TYPE, kind).body(Body::from(body.to_owned())).unwrap();
    let response = call(edge.around(routes), request).await;
    (response.status(), json_of(response).await)
}

#[tokio::test]
async fn what_fits_passes() {
    let body = r#"{"name":"a","members":[{"age":1}]}"#;
    for kind in ["application/json", "Application/JSON; charset=utf-8", "application/vnd.weft+json"] {
        let (status, echoed) = send(kind, body).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(echoed.to_string(), body);
    }
}

#[tokio::test]
async fn what_does_not_fit_is_named_by_its_path() {
    let cases = [
        (r#"{"name":"a","members":[{"age":1},{"age":300}]}"#, "members[1].age"),
        (r#"{"name":"a","members":[{}]}"#, "members[0].age"),
        (r#"{"members":[]}"#, "name"),
        (r#"{"name":7,"members":[]}"#, "name"),
        (r#"{"name":"a","members":[],"colour":1}"#, "colour"),
    ];
    for (body, field) in cases {
        let (status, problem) = send("application/json", body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(
            (&problem["reason"], &problem["field"]),
            (&"invalid_field".into(), &field.into()),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn what_is_not_json_is_refused() {
    for body in ["", "{", r#"{"name":"a","members":[]} trailing"#, "\u{feff}{}"] {
        let (status, problem) = send("application/json", body).await;
        assert_eq!((status, &problem["reason"]), (StatusCode::BAD_REQUEST, &"invalid_json".into()), "{body}");
    }
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"]
    {
        let (status, problem) = send(kind, "{}").await;
        assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(problem["reason"], "unsupported_content_type");
    }
    let (status, problem) = send("application/json", &" ".repeat(201)).await;
    assert_eq!((status, &problem["reason"]), (StatusCode::PAYLOAD_TOO_LARGE, &"body_too_large".into()));
}
