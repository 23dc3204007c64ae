use axum::Router;
use http::StatusCode;
use serde_json::json;
use tower::ServiceExt as _;

use crate::{
    rig::{Answer, Rig, config, request},
    services::PASSWORD,
    socket::{Socket, open, refusal},
};

const OWN: &str = "https://weft.test";

async fn login(rig: &Rig, headers: &[(&str, &str)]) -> Answer {
    let body = json!({"email": "a@example.org", "password": PASSWORD});
    rig.send(request("POST", "/v1/auth/login", headers, Some(body))).await
}

#[tokio::test]
async fn a_page_keeps_its_refresh_token_where_no_script_reads_it() {
    let rig = Rig::new().await;
    let plain = login(&rig, &[]).await;
    assert_eq!((plain.status, &plain.body["refresh_token"]), (StatusCode::OK, &json!("first")));
    assert!(!plain.headers.contains_key("set-cookie"));

    let wish = [("weft-session", "cookie"), ("origin", OWN)];
    let page = login(&rig, &wish).await;
    assert_eq!((&page.body["refresh_token"], &page.body["access_token"]), (&json!(""), &json!("access")));
    let cookie = page.headers["set-cookie"].to_str().unwrap();
    assert!(
        cookie.starts_with("weft_refresh=first; Path=/v1/auth; HttpOnly; Secure; SameSite=Strict"),
        "{cookie}"
    );

    let with_cookie = [wish[0], wish[1], ("cookie", "a=b; weft_refresh=first")];
    let refreshed = rig.send(request("POST", "/v1/auth/refresh", &with_cookie, None)).await;
    assert_eq!(refreshed.status, StatusCode::OK, "{}", refreshed.body);
    assert!(refreshed.headers["set-cookie"].to_str().unwrap().starts_with("weft_refresh=after-first;"));
    let without = rig.send(request("POST", "/v1/auth/refresh", &wish, None)).await;
    assert_eq!(
        (without.status, &without.body["reason"]),
        (StatusCode::UNAUTHORIZED, &json!("missing_session"))
    );
    let not_asked = rig.send(request("POST", "/v1/auth/refresh", &with_cookie[2..], None)).await;
    assert_eq!(not_asked.body["field"], "refresh_token", "a cookie alone does nothing");

    let (_, token) = rig.agent();
    let bearer = format!("Bearer {token}");
    let logout = [wish[0], wish[1], ("authorization", bearer.as_str())];
    let gone = rig.send(request("POST", "/v1/auth/logout", &logout, None)).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert!(gone.headers["set-cookie"].to_str().unwrap().ends_with("Max-Age=0"));
}

#[tokio::test]
async fn a_page_of_another_origin_gets_no_cookie_and_no_socket() {
    let rig = Rig::with("allowed_origins = [\"https://app.example.org\"]").await;
    for (origin, status) in [
        ("https://evil.example", StatusCode::FORBIDDEN),
        ("null", StatusCode::FORBIDDEN),
        ("https://weft.test.evil.example", StatusCode::FORBIDDEN),
        ("https://app.example.org", StatusCode::OK),
        (OWN, StatusCode::OK),
    ] {
        let answer = login(&rig, &[("weft-session", "cookie"), ("origin", origin)]).await;
        assert_eq!(answer.status, status, "{origin}");
    }
    let nobody = login(&rig, &[("weft-session", "cookie")]).await;
    assert_eq!(nobody.status, StatusCode::FORBIDDEN, "who says nothing is refused");

    let (_, token) = rig.agent();
    drop(Socket::connect(&rig, &token).await);
    let bearer = format!("Bearer {token}");
    let evil = [("authorization", bearer.as_str()), ("origin", "https://evil.example")];
    assert_eq!(refusal(&rig, &evil).await, (403, "origin_not_allowed".into()));
    for origin in ["https://app.example.org".to_owned(), format!("http://{}", rig.address)] {
        assert!(open(&rig, &[("authorization", &bearer), ("origin", &origin)]).await.is_ok(), "{origin}");
    }
}

#[tokio::test]
async fn other_origins_may_read_answers_only_when_they_are_listed() {
    let preflight = |rig: Rig| async move {
        let headers = [("origin", "https://app.example.org"), ("access-control-request-method", "PATCH")];
        rig.send(request("OPTIONS", "/v1/conversations/conv_x", &headers, None)).await
    };
    let closed = preflight(Rig::new().await).await;
    assert!(!closed.headers.contains_key("access-control-allow-origin"));
    let listed = preflight(Rig::with("allowed_origins = [\"https://app.example.org\"]").await).await;
    assert_eq!(listed.headers["access-control-allow-origin"], "https://app.example.org");
}

#[tokio::test]
async fn routes_outside_the_api_have_rules_of_their_own() {
    let own = axum::routing::options(async || [("access-control-allow-origin", "https://shop.example")]);
    let config = config("allowed_origins = [\"https://app.example.org\"]");
    let routes = weft_gateway::around(&config, Router::new().route("/widget/sessions", own));
    let headers = [("origin", "https://shop.example"), ("access-control-request-method", "POST")];
    let answer = routes.oneshot(request("OPTIONS", "/widget/sessions", &headers, None)).await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://shop.example");
}

#[tokio::test]
async fn a_ticket_opens_one_socket() {
    let rig = Rig::new().await;
    let (_, token) = rig.agent();
    drop(Socket::connect(&rig, &token).await);
    let made = rig.call_as(&token, "POST", "/v1/live/tickets", None).await;
    assert_eq!((made.status, &made.body["expires_in"]), (StatusCode::OK, &json!(30)));
    let offered = format!("weft.live.v1, ticket.{}", made.body["ticket"].as_str().unwrap());
    let (stream, response) = open(&rig, &[("sec-websocket-protocol", &offered)]).await.unwrap();
    assert_eq!(response.headers()["sec-websocket-protocol"], "weft.live.v1", "the ticket is not repeated");
    let mut socket = Socket::greeted(stream).await;
    socket.follow(json!("all")).await;
    rig.publish(&rig.tenant, "conv_x", 1..2, "hi").await;
    assert_eq!(socket.next_event().await.0, 1, "it is the one who made the ticket");

    assert_eq!(refusal(&rig, &[("sec-websocket-protocol", &offered)]).await, (401, "invalid_ticket".into()));
    let wrong = [("sec-websocket-protocol", "weft.live.v1, ticket.AAAA")];
    assert_eq!(refusal(&rig, &wrong).await, (401, "invalid_ticket".into()));
    assert_eq!(refusal(&rig, &[]).await, (401, "missing_token".into()));
    let nobody = rig.send(request("POST", "/v1/live/tickets", &[], None)).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}
