use futures::TryStreamExt;
use serde::Deserialize;
use weft_http::{Error, Request};

use crate::{
    client,
    server::{Server, ok},
};

#[tokio::test]
async fn an_answer_is_given_as_it_is_whatever_its_status() {
    let server =
        Server::answering("HTTP/1.1 429 Slow\r\nretry-after: 7\r\ncontent-length: 2\r\n\r\n{}").await;
    let answer = client().send(Request::get(&server.url("/"))).await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), &answer.headers["retry-after"], answer.text()),
        (429, &"7".parse().unwrap(), "{}".to_owned())
    );
}

#[tokio::test]
async fn an_answer_longer_than_allowed_is_refused_by_its_header_or_by_counting() {
    let announced = Server::answering(ok("12345")).await;
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n123\r\n2\r\n45\r\n0\r\n\r\n";
    let counted = Server::answering(chunked).await;
    for server in [announced, counted] {
        let get = || Request::get(&server.url("/"));
        assert_eq!(client().send(get().max_body(5)).await.unwrap().body, "12345");
        let error = client().send(get().max_body(4)).await.unwrap_err();
        assert!(matches!(error, Error::TooLarge { limit: 4 }), "{error:?}");
        assert!(!error.is_surely_not_sent());
    }
}

#[tokio::test]
async fn a_download_hands_out_what_it_may_and_stops_at_the_limit() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n123\r\n3\r\n456\r\n0\r\n\r\n";
    let server = Server::answering(chunked).await;
    let whole = client().download(Request::get(&server.url("/"))).await.unwrap();
    let chunks: Vec<_> = whole.into_stream().try_collect().await.unwrap();
    assert_eq!(chunks.concat(), b"123456");
    let cut = client().download(Request::get(&server.url("/")).max_body(4)).await.unwrap();
    let error = cut.into_stream().try_collect::<Vec<_>>().await.unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 4 }), "{error:?}");
}

#[tokio::test]
async fn a_body_that_is_not_the_expected_json_is_unreadable_and_not_quoted() {
    #[derive(Deserialize, Debug)]
    struct Known {
        #[expect(dead_code, reason = "only read")]
        id: u32,
    }
    let server = Server::answering(ok(r#"{"id": "canary"}"#)).await;
    let answer = client().send(Request::get(&server.url("/"))).await.unwrap();
    let error = answer.json::<Known>().unwrap_err();
    assert!(matches!(error, Error::Unreadable(_)) && !format!("{error:?}").contains("canary"), "{error:?}");
}
