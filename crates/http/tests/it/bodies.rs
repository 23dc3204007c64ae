use bytes::Bytes;
use futures::stream;
use weft_http::{Error, Multipart, Request, header};

use crate::{
    client,
    server::{Server, ok},
};

#[tokio::test]
async fn json_forms_and_headers_arrive() {
    let server = Server::answering(ok("")).await;
    let json = Request::post(&server.url("/a?x=1"))
        .query("y", "ä b")
        .json(&serde_json::json!({"k": 1}))
        .bearer("t0ken");
    client().send(json).await.unwrap();
    let form =
        Request::post(&server.url("/b")).form([("a", "1 2"), ("b", "&")]).header(header::ACCEPT, "text/x");
    client().send(form).await.unwrap();
    let [json, form] = server.seen().try_into().unwrap();
    assert!(
        json.starts_with("POST /a?x=1&y=%C3%A4+b HTTP/1.1\r\n") && json.ends_with(r#"{"k":1}"#),
        "{json}"
    );
    assert!(
        json.contains("authorization: Bearer t0ken") && json.contains("content-type: application/json"),
        "{json}"
    );
    assert!(json.contains("user-agent: weft/"), "{json}");
    assert!(form.ends_with("\r\n\r\na=1+2&b=%26") && form.contains("accept: text/x"), "{form}");
    assert!(form.contains("content-type: application/x-www-form-urlencoded"), "{form}");
}

#[tokio::test]
async fn a_multipart_body_takes_bytes_and_streams() {
    let server = Server::answering(ok("")).await;
    let pieces = || stream::iter([Ok(Bytes::from("stre")), Ok(Bytes::from("amed"))]);
    let form =
        |length| {
            Multipart::new()
                .text("chat", "42")
                .file("photo", "a.png", "image/png", Bytes::from("png"))
                .stream("video", "b.mp4", "video/mp4", length, pieces())
        };
    client().send(Request::post(&server.url("/")).multipart(form(Some(8)))).await.unwrap();
    client().send(Request::post(&server.url("/")).multipart(form(None))).await.unwrap();
    let seen = server.seen();
    assert!(
        seen[0].contains("content-length: ") && seen[1].contains("transfer-encoding: chunked"),
        "{seen:?}"
    );
    assert!(seen[0].contains("streamed"), "{seen:?}");
    assert!(seen[0].contains("name=\"chat\"\r\n\r\n42"), "{seen:?}");
    let photo = "name=\"photo\"; filename=\"a.png\"\r\nContent-Type: image/png";
    assert!(seen.iter().all(|request| request.contains(photo)), "{seen:?}");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_before_anything_is_sent() {
    let server = Server::answering(ok("")).await;
    let url = server.url("/");
    let bad_type = Multipart::new().file("f", "f", "no type", Bytes::new());
    for request in [
        Request::get("no url with a canary"),
        Request::get(&url).header(header::ACCEPT, "line\nbreak"),
        Request::post(&url).multipart(bad_type),
        Request::post(&url).json(&std::collections::HashMap::from([((1, 2), 3)])),
    ] {
        let error = client().send(request).await.unwrap_err();
        assert!(matches!(error, Error::Invalid(_)) && error.is_surely_not_sent(), "{error:?}");
        assert!(!format!("{error:?}").contains("canary"));
    }
    assert!(server.seen().is_empty());
}
