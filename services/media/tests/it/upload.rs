use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use http::{StatusCode, header::AUTHORIZATION};
use rstest::rstest;
use tokio::{
    io::AsyncWriteExt as _,
    net::{TcpListener, TcpStream},
};
use weft_domain::Role;
use weft_web::Limits;

use crate::rig::{Engine, MAX_BYTES, PNG, Rig, form, form_type, json_of, refusal, upload, upload_body};

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_uploaded_file_is_what_its_content_says(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let agent = rig.agent();
    let file = rig.upload(&agent, "../../etc/inv\u{202e}oice.pdf", "application/pdf", PNG).await;
    assert_eq!(file["name"], "invoice.pdf");
    assert_eq!(file["mime"], "image/png");
    assert_eq!(file["size"], PNG.len());
    assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(file["url"], serde_json::Value::Null);
    let id: weft_domain::id::FileId = weft_domain::id::parse("id", file["id"].as_str().unwrap()).unwrap();
    assert_eq!(rig.on_disk(), [format!("{}/{}", agent.tenant.uuid(), id.uuid())]);
    let page = rig.upload(&agent, "photo.jpg", "image/jpeg", b"<html><script>alert(1)</script>").await;
    assert_eq!(page["mime"], "application/octet-stream");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_empty_or_too_large_is_refused_and_leaves_nothing() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let empty = rig.call(upload(&agent.token, "a.txt", "text/plain", b"")).await;
    assert_eq!(refusal(empty).await, (400, "empty_file".into()));

    let most = usize::try_from(MAX_BYTES).unwrap();
    assert_eq!(rig.upload(&agent, "a.bin", "x/y", &vec![7; most]).await["size"], MAX_BYTES);
    let kept = rig.on_disk();
    for bytes in [most + 1, most * 10] {
        let large = vec![7; bytes];
        let told = rig.call(upload(&agent.token, "a.bin", "x/y", &large)).await;
        assert_eq!(refusal(told).await, (413, "file_too_large".into()));
        let chunks: Vec<_> = form("a.bin", "x/y", &large)
            .chunks(10_000)
            .map(|chunk| Ok::<_, std::io::Error>(Bytes::copy_from_slice(chunk)))
            .collect();
        let untold = rig.call(upload_body(&agent.token, Body::from_stream(stream::iter(chunks)))).await;
        assert_eq!(refusal(untold).await, (413, "file_too_large".into()));
    }
    rig.until_on_disk("only the first file", |found| found == kept).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_needs_a_caller_who_may_and_a_form_with_the_file() {
    let rig = Rig::new(Engine::Sqlite).await;
    let mut nobody = upload("", "a", "x/y", b"x");
    nobody.headers_mut().remove(AUTHORIZATION);
    assert_eq!(refusal(rig.call(nobody).await).await, (401, "missing_token".into()));
    let forged = rig.call(upload("forged", "a", "x/y", b"x")).await;
    assert_eq!(refusal(forged).await, (401, "invalid_token".into()));
    let reader = rig.person(Role::Agent, Some(&["file.read"]));
    let denied = rig.call(upload(&reader.token, "a", "x/y", b"x")).await;
    assert_eq!(refusal(denied).await, (403, "permission_denied".into()));

    let agent = rig.agent();
    let mut json = upload(&agent.token, "a", "x/y", b"x");
    json.headers_mut().insert("content-type", "application/json".parse().unwrap());
    assert_eq!(refusal(rig.call(json).await).await, (400, "not_a_form".into()));
    let other = String::from_utf8(form("a", "x/y", b"x")).unwrap().replace("\"file\"", "\"other\"");
    let answer = rig.call(upload_body(&agent.token, Body::from(other))).await;
    assert_eq!(refusal(answer).await, (400, "invalid_field".into()));
    let cut = form("a", "x/y", b"some content that");
    let cut = cut.get(..cut.len() - 20).unwrap().to_vec();
    let answer = rig.call(upload_body(&agent.token, Body::from(cut))).await;
    assert_eq!(refusal(answer).await, (400, "upload_unreadable".into()));
    rig.until_on_disk("nothing", <[_]>::is_empty).await;
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_stores_once(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let agent = rig.agent();
    let with_key = |token: &str, content: &[u8]| {
        let mut request = upload(token, "a.txt", "text/plain", content);
        request.headers_mut().insert("idempotency-key", "k1".parse().unwrap());
        request
    };
    let first = rig.call(with_key(&agent.token, b"hello")).await;
    assert!(first.headers().get("idempotent-replayed").is_none());
    let second = rig.call(with_key(&agent.token, b"hello")).await;
    assert_eq!(second.status(), StatusCode::CREATED);
    assert_eq!(second.headers().get("idempotent-replayed").unwrap(), "true");
    assert_eq!(json_of(first).await, json_of(second).await);
    assert_eq!(rig.on_disk().len(), 1);
    let other = rig.call(with_key(&agent.token, b"other")).await;
    assert_eq!(refusal(other).await, (422, "idempotency_key_reused".into()));
    let stranger = rig.call(with_key(&rig.agent().token, b"other")).await;
    assert_eq!(stranger.status(), StatusCode::CREATED);
    assert_eq!(rig.on_disk().len(), 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let intake = rig.lifecycle.intake();
    let limits = Limits::default();
    let address = weft_web::serve(listener, rig.http.clone(), limits, intake.stop_token(), intake).unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let (head, body) = (
        format!(
            "POST /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: {}\r\n\
             content-length: 900000\r\n\r\n",
            agent.token,
            form_type()
        ),
        form("a.bin", "x/y", &vec![1; 600_000]),
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.get(..500_000).unwrap()).await.unwrap();
    rig.until_on_disk("a file being written", |found| matches!(found, [one] if one.contains('#'))).await;
    drop(stream);
    rig.until_on_disk("nothing", <[_]>::is_empty).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_behind_is_removed_and_nothing_else() {
    let (tenant, orphan, half) =
        (uuid::Uuid::now_v7().to_string(), uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    let (old, names) = (std::time::SystemTime::UNIX_EPOCH, [format!("{half}#1"), orphan.to_string()]);
    let fresh = uuid::Uuid::now_v7().to_string();
    let (fresh_file, folder_name) = (fresh.clone(), tenant.clone());
    let rig = Rig::prepared(Engine::Sqlite, move |root| {
        let folder = root.join(&folder_name);
        std::fs::create_dir_all(&folder).unwrap();
        for name in names.iter().chain([&"notes.txt".to_owned()]) {
            std::fs::File::create(folder.join(name)).unwrap().set_modified(old).unwrap();
        }
        std::fs::write(folder.join(fresh_file), b"just written").unwrap();
    })
    .await;
    let mut left = [format!("{tenant}/{fresh}"), format!("{tenant}/notes.txt")];
    left.sort();
    rig.until_on_disk("no leftovers", |found| found == left).await;
}
