use http::StatusCode;
use serde_json::json;

use crate::rig::{Rig, request};

#[tokio::test]
async fn a_caller_is_told_how_often_and_then_to_wait() {
    let rig = Rig::with("rates.read = { per_minute = 6, burst = 2 }").await;
    let (_, token) = rig.agent();
    let first = rig.call_as(&token, "GET", "/v1/conversations", None).await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(
        (&first.headers["ratelimit-limit"], &first.headers["ratelimit-remaining"]),
        (&"2".parse().unwrap(), &"1".parse().unwrap())
    );
    assert_eq!(first.headers["ratelimit-reset"], "10");
    rig.call_as(&token, "GET", "/v1/conversations/conv_x", None).await;
    let third = rig.call_as(&token, "GET", "/v1/conversations", None).await;
    assert_eq!(
        (third.status, &third.body["reason"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("rate_limited"))
    );
    let wait: u64 = third.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((9..=10).contains(&wait));
    assert_eq!(third.headers["ratelimit-remaining"], "0");
    let write = rig.call_as(&token, "POST", "/v1/conversations/conv_x/typing", None).await;
    assert_eq!(write.status, StatusCode::NO_CONTENT, "writes are counted by themselves");
    let other = rig.call("GET", "/v1/conversations", None).await;
    assert_eq!(other.status, StatusCode::OK, "and so is everybody else");
}

#[tokio::test]
async fn guessing_passwords_is_limited_by_address_whoever_is_guessed() {
    let rig = Rig::new().await;
    let mut refused = 0;
    for guess in 0..15 {
        let body = json!({"email": format!("user{guess}@example.org"), "password": "wrong"});
        let answer = rig.send(request("POST", "/v1/auth/login", &[], Some(body))).await;
        refused += u32::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert_eq!(refused, 5);
}
