use axum::{body::Body, response::Response};
use bytes::Bytes;
use chrono::TimeDelta;
use futures::stream;
use http::{Method, Request, StatusCode};
use rstest::rstest;
use weft_domain::Role;

use crate::rig::{Engine, MAX_BYTES, Person, Rig, bytes_of, get, refusal};

fn asked(method: Method, path: &str, person: &Person, headers: &[(&str, &str)], body: Body) -> Request<Body> {
    let base = [("tus-resumable", "1.0.0"), ("authorization", &format!("Bearer {}", person.token))];
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in base.iter().chain(headers) {
        request = request.header(*name, *value);
    }
    request.body(body).unwrap()
}

async fn begin(rig: &Rig, person: &Person, length: usize) -> Response {
    let length = length.to_string();
    // `../plan.bin`
    let headers = [
        ("upload-length", length.as_str()),
        ("upload-metadata", "filename Li4vcGxhbi5iaW4=,relative bnVsbA=="),
    ];
    rig.call(asked(Method::POST, "/v1/uploads", person, &headers, Body::empty())).await
}

async fn begun(rig: &Rig, person: &Person, length: usize) -> String {
    let answer = begin(rig, person, length).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.headers().get("tus-resumable").unwrap(), "1.0.0");
    assert!(answer.headers().contains_key("upload-expires"));
    answer.headers().get("location").unwrap().to_str().unwrap().to_owned()
}

async fn patch(rig: &Rig, person: &Person, path: &str, offset: usize, body: Body) -> Response {
    let offset = offset.to_string();
    let headers = [("upload-offset", offset.as_str()), ("content-type", "application/offset+octet-stream")];
    rig.call(asked(Method::PATCH, path, person, &headers, body)).await
}

fn offset(answer: &Response) -> usize {
    answer.headers().get("upload-offset").unwrap().to_str().unwrap().parse().unwrap()
}

async fn reached(rig: &Rig, person: &Person, path: &str) -> usize {
    let answer = rig.call(asked(Method::HEAD, path, person, &[], Body::empty())).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers().get("cache-control").unwrap(), "no-store");
    offset(&answer)
}

fn content(size: u32) -> Vec<u8> {
    (0..size / 4).flat_map(u32::to_le_bytes).collect()
}

async fn read(rig: &Rig, person: &Person, path: &str) -> (String, Bytes) {
    let file = rig.get_file(person, path.rsplit('/').next().unwrap()).await.unwrap();
    (file.name, bytes_of(rig.call(get(&file.url.unwrap())).await).await)
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_where_it_broke_off_and_becomes_one_file(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let agent = rig.agent();
    let content = content(900_000);
    let path = begun(&rig, &agent, content.len()).await;
    let first = patch(&rig, &agent, &path, 0, Body::from(content[..300_000].to_vec())).await;
    assert_eq!((first.status(), offset(&first)), (StatusCode::NO_CONTENT, 300_000));

    let whole = Bytes::copy_from_slice(&content[300_000..500_000]);
    let broken = stream::iter([Ok(whole), Err(std::io::Error::other("the line is cut"))]);
    let cut = patch(&rig, &agent, &path, 300_000, Body::from_stream(broken)).await;
    assert_eq!(refusal(cut).await, (400, "upload_unreadable".into()));
    assert_eq!(reached(&rig, &agent, &path).await, 500_000, "what came before is not sent again");

    for wrong in [300_000, 0, 500_001] {
        let answer = patch(&rig, &agent, &path, wrong, Body::from("x")).await;
        assert_eq!(refusal(answer).await, (409, "upload_offset_mismatch".into()));
    }
    let last = patch(&rig, &agent, &path, 500_000, Body::from(content[500_000..].to_vec())).await;
    assert_eq!((last.status(), offset(&last)), (StatusCode::NO_CONTENT, 900_000));
    assert_eq!(read(&rig, &agent, &path).await, ("plan.bin".to_owned(), content.into()));
    assert_eq!((rig.on_disk().len(), rig.storage(&agent).await), (1, (1, 900_000)));

    // the last answer may have been lost
    assert_eq!(reached(&rig, &agent, &path).await, 900_000);
    let again = patch(&rig, &agent, &path, 900_000, Body::empty()).await;
    assert_eq!((again.status(), rig.storage(&agent).await), (StatusCode::NO_CONTENT, (1, 900_000)));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_survives_the_service_and_ends_after_a_day() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let content = content(400_000);
    let (path, left) = (begun(&rig, &agent, content.len()).await, begun(&rig, &agent, 100).await);
    patch(&rig, &agent, &path, 0, Body::from(content[..100_000].to_vec())).await;
    patch(&rig, &agent, &left, 0, Body::from("half")).await;

    let rig = rig.again().await;
    assert_eq!(reached(&rig, &agent, &path).await, 100_000);
    patch(&rig, &agent, &path, 100_000, Body::from(content[100_000..].to_vec())).await;
    assert_eq!(read(&rig, &agent, &path).await.1, content);
    assert_eq!(rig.on_disk().len(), 2);

    rig.clock.advance(TimeDelta::hours(25));
    let late = patch(&rig, &agent, &left, 4, Body::from("more")).await;
    assert_eq!(refusal(late).await, (404, "not_found".into()));
    let rig = rig.again().await;
    rig.until_on_disk("the file alone", |found| found.len() == 1).await;
    assert_eq!(read(&rig, &agent, &path).await.1, content);
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn two_that_bring_the_same_piece_do_not_mix(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let agent = rig.agent();
    let content = content(200_000);
    let path = begun(&rig, &agent, content.len()).await;
    let both = (0..4).map(|_| patch(&rig, &agent, &path, 0, Body::from(content.clone())));
    let answers = futures::future::join_all(both).await;
    for answer in answers {
        let status = answer.status();
        assert!([StatusCode::NO_CONTENT, StatusCode::CONFLICT].contains(&status), "{status}");
    }
    assert_eq!(read(&rig, &agent, &path).await.1, content);
    rig.until_on_disk("one file", |found| found.len() == 1).await;
    assert_eq!(rig.storage(&agent).await, (1, 200_000));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_its_callers_and_can_be_ended() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let path = begun(&rig, &agent, 100).await;
    patch(&rig, &agent, &path, 0, Body::from("some")).await;
    for other in [rig.agent(), rig.colleague(&agent, Role::Admin)] {
        for method in [Method::HEAD, Method::DELETE] {
            let answer = rig.call(asked(method, &path, &other, &[], Body::empty())).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        }
        let answer = patch(&rig, &other, &path, 4, Body::from("more")).await;
        assert_eq!(refusal(answer).await, (404, "not_found".into()));
    }
    let reader = rig.person(Role::Agent, Some(&["file.read"]));
    assert_eq!(refusal(begin(&rig, &reader, 5).await).await, (403, "permission_denied".into()));
    assert_eq!(rig.on_disk().len(), 1);
    let ended = rig.call(asked(Method::DELETE, &path, &agent, &[], Body::empty())).await;
    assert_eq!(ended.status(), StatusCode::NO_CONTENT);
    assert!(rig.on_disk().is_empty());
    let gone = rig.call(asked(Method::HEAD, &path, &agent, &[], Body::empty())).await;
    assert_eq!(gone.status(), StatusCode::NOT_FOUND);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_a_limit_or_the_protocol_is_refused() {
    let rig = Rig::configured(Engine::Sqlite, |config| config.quota_bytes = 1000).await;
    let agent = rig.agent();
    let most = usize::try_from(MAX_BYTES).unwrap();
    assert_eq!(refusal(begin(&rig, &agent, most + 1).await).await, (413, "file_too_large".into()));
    assert_eq!(refusal(begin(&rig, &agent, 0).await).await, (400, "empty_file".into()));
    let path = begun(&rig, &agent, 600).await;
    // what was announced is as good as taken
    assert_eq!(refusal(begin(&rig, &agent, 401).await).await, (422, "storage_quota_exceeded".into()));
    let long = patch(&rig, &agent, &path, 0, Body::from(vec![1; 601])).await;
    assert_eq!(refusal(long).await, (413, "upload_too_long".into()));
    rig.until_on_disk("nothing", <[_]>::is_empty).await;

    let other = asked(Method::PATCH, &path, &agent, &[("upload-offset", "0")], Body::from("x"));
    assert_eq!(refusal(rig.call(other).await).await, (415, "not_a_piece".into()));
    let mut old = asked(Method::HEAD, &path, &agent, &[], Body::empty());
    old.headers_mut().remove("tus-resumable");
    let answer = rig.call(old).await;
    assert_eq!(answer.status(), StatusCode::PRECONDITION_FAILED);
    assert_eq!(answer.headers().get("tus-version").unwrap(), "1.0.0");
    let told = rig.call(Request::options("/v1/uploads").body(Body::empty()).unwrap()).await;
    assert_eq!(told.headers().get("tus-extension").unwrap(), "creation,termination,expiration");
    assert_eq!(told.headers().get("tus-max-size").unwrap(), &MAX_BYTES.to_string());
}
