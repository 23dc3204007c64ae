use chrono::TimeDelta;
use http::StatusCode;
use rstest::rstest;
use weft_domain::{ErrorCode, id};

use crate::rig::{Engine, PNG, Rig, bytes_of, get, refusal};

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_gives_the_file_and_tells_the_browser_to_be_careful(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let agent = rig.agent();
    let shown = rig.call(get(&rig.link(&agent, "a b é.png", "image/png", PNG).await)).await;
    assert_eq!(shown.status(), StatusCode::OK);
    let header = |name: &str| shown.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "image/png");
    assert_eq!(
        header("content-disposition"),
        "inline; filename=\"a b _.png\"; filename*=UTF-8''a%20b%20%C3%A9.png"
    );
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(header("cache-control"), "private, max-age=300");
    assert_eq!(header("content-length"), PNG.len().to_string());
    assert_eq!(bytes_of(shown).await, PNG);

    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    let kept = rig.call(get(&rig.link(&agent, "logo.svg", "image/svg+xml", svg).await)).await;
    assert!(kept.headers()["content-disposition"].to_str().unwrap().starts_with("attachment;"));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_was_changed_or_is_too_old_is_refused() {
    let rig = Rig::new(Engine::Sqlite).await;
    let agent = rig.agent();
    let link = rig.link(&agent, "a.txt", "text/plain", b"hello").await;
    let (path, query) = link.split_once('?').unwrap();
    let changed = |name: &str, value: &str| {
        let pairs = query.split('&').map(|pair| match pair.split_once('=') {
            Some((key, _)) if key == name => format!("{name}={value}"),
            _ => pair.to_owned(),
        });
        format!("{path}?{}", pairs.collect::<Vec<_>>().join("&"))
    };
    let later = (rig.clock_now() + TimeDelta::minutes(4)).timestamp() + 3600;
    for tampered in [
        changed("t", &rig.agent().tenant.to_string()),
        changed("u", &id::new::<id::User>().to_string()),
        changed("e", &later.to_string()),
        changed("e", "99999999999999999"),
        changed("e", "soon"),
        changed("d", "inline"),
        changed("d", "other"),
        changed("s", "AAAA"),
        format!("/files/{}?{query}", id::new::<id::File>()),
        format!("/files/..%2f..%2fetc?{query}"),
        path.to_owned(),
    ] {
        let answer = rig.call(get(&tampered)).await;
        assert_eq!(refusal(answer).await, (403, "invalid_link".into()), "{tampered}");
    }
    rig.clock.advance(TimeDelta::seconds(299));
    assert_eq!(rig.call(get(&link)).await.status(), StatusCode::OK);
    rig.clock.advance(TimeDelta::seconds(2));
    assert_eq!(refusal(rig.call(get(&link)).await).await, (403, "link_expired".into()));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_a_file_can_be_had() {
    let rig = Rig::new(Engine::Sqlite).await;
    let content: Vec<u8> = (0..700_000_u32).flat_map(u32::to_le_bytes).take(900_000).collect();
    let link = rig.link(&rig.agent(), "a.bin", "", &content).await;
    let asked = async |range: &str, etag: Option<&str>| {
        let mut request = get(&link);
        request.headers_mut().insert("range", range.parse().unwrap());
        if let Some(known) = etag {
            request.headers_mut().insert("if-range", known.parse().unwrap());
        }
        rig.call(request).await
    };
    let part = asked("bytes=300000-599999", None).await;
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.headers()["content-range"], "bytes 300000-599999/900000");
    assert_eq!(part.headers()["content-length"], "300000");
    let etag = part.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(bytes_of(part).await, content.get(300_000..600_000).unwrap());
    assert_eq!(asked("bytes=0-9", Some(&etag)).await.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(bytes_of(asked("bytes=0-9", Some("\"old\"")).await).await, content);
    let beyond = asked("bytes=900000-", None).await;
    assert_eq!(beyond.headers()["content-range"], "bytes */900000");
    assert_eq!(refusal(beyond).await, (416, "range_not_satisfiable".into()));
    let mut known = get(&link);
    known.headers_mut().insert("if-none-match", etag.parse().unwrap());
    assert_eq!(rig.call(known).await.status(), StatusCode::NOT_MODIFIED);
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_file_and_no_file_answer_alike(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let (ours, theirs) = (rig.agent(), rig.agent());
    let file = rig.upload(&theirs, "a.txt", "text/plain", b"secret").await;
    let told = async |id: &str| {
        let error = rig.get_file(&ours, id).await.unwrap_err();
        (error.code(), error.reason().to_owned(), error.message().to_owned())
    };
    let foreign = told(file["id"].as_str().unwrap()).await;
    assert_eq!(foreign.0, ErrorCode::NotFound);
    assert_eq!(foreign, told(&id::new::<id::File>().to_string()).await);
    assert_eq!(foreign, told("garbage").await);
}
