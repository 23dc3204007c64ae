use weft_http::{Client, Error, Refusal, Request, Settings, header};

use crate::{
    client,
    server::{Reply, Server, moved, ok},
};

fn only_this_machine() -> Client {
    let allowed = vec!["127.0.0.1".parse().unwrap()];
    Client::new(Settings { allowed, ..Settings::default() }).unwrap()
}

#[tokio::test]
async fn a_redirect_is_followed_only_when_asked() {
    let server = Server::start(|request| {
        let next = if request.starts_with("GET /a") { moved(302, "/b") } else { ok("there") };
        Reply::Bytes(next.into())
    })
    .await;
    let stays = client().send(Request::get(&server.url("/a"))).await.unwrap();
    assert_eq!(stays.status.as_u16(), 302);
    let follows = client().send(Request::get(&server.url("/a")).follow_redirects(1)).await.unwrap();
    assert_eq!(follows.text(), "there");
}

#[tokio::test]
async fn a_redirect_to_where_we_may_not_call_is_refused() {
    for (target, refusal) in [
        ("http://127.0.0.2/", Refusal::Private),
        ("http://[::1]/", Refusal::Private),
        ("http://localhost:8080/", Refusal::Port),
        ("http://169.254.169.254/latest/", Refusal::Forbidden),
        ("file:///etc/passwd", Refusal::Scheme),
        ("http://u:p@example.org/", Refusal::UserInfo),
    ] {
        let server = Server::answering(moved(302, target)).await;
        let call = Request::get(&server.url("/")).follow_redirects(3);
        let error = only_this_machine().send(call).await.unwrap_err();
        assert!(matches!(&error, Error::Refused(why) if *why == refusal), "{target}: {error:?}");
    }
}

#[tokio::test]
async fn a_circle_of_redirects_ends() {
    let server = Server::answering(moved(307, "/again")).await;
    let error = client().send(Request::get(&server.url("/")).follow_redirects(3)).await.unwrap_err();
    assert!(matches!(error, Error::Refused(Refusal::Redirects)), "{error:?}");
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_post_is_never_sent_on() {
    let server = Server::answering(moved(307, "/again")).await;
    let answer = client().send(Request::post(&server.url("/")).follow_redirects(3)).await.unwrap();
    assert_eq!((answer.status.as_u16(), server.seen().len()), (307, 1));
}

#[tokio::test]
async fn secrets_stay_with_the_first_host() {
    let other = Server::answering(ok("")).await;
    let away = other.url("/away");
    let first = Server::start(move |request| {
        let next = if request.starts_with("GET /1") { "/2" } else { away.as_str() };
        Reply::Bytes(moved(302, next).into())
    })
    .await;
    let call = Request::get(&first.url("/1"))
        .bearer("canary")
        .secret_header("x-api-key".parse().unwrap(), "canary")
        .header(header::COOKIE, "canary")
        .header(header::ACCEPT, "text/plain")
        .follow_redirects(2);
    client().send(call).await.unwrap();
    for request in first.seen() {
        assert_eq!(request.matches("canary").count(), 3, "{request}");
    }
    let [arrived] = other.seen().try_into().unwrap();
    assert!(!arrived.contains("canary") && arrived.contains("accept: text/plain"), "{arrived}");
}
