use axum::body::Body;
use http::{Request, header::AUTHORIZATION};
use serde_json::{Value, json};
use uuid::Uuid;
use weft_channel::{Attachment, Event, Outbound, attachment};
use weft_channel_webchat::Config;
use weft_domain::id;
use weft_proto::channel::v1::{FetchMedia, order};

use crate::{
    neighbours::fields,
    rig::{Rig, SOON, Session, config, get, json_of, post, refusal},
};

const GIF: &[u8] = b"GIF89a-and-so-on";

fn sending(rig: &Rig, session: &Session, id: Uuid, mime: &str, bytes: &'static [u8]) -> Request<Body> {
    Request::post(rig.path(&format!("files?name=map.gif&client_id={id}")))
        .header(AUTHORIZATION, format!("Bearer {}", session.token))
        .header("content-type", mime)
        .header("content-length", bytes.len())
        .body(Body::from(bytes))
        .unwrap()
}

async fn sent(rig: &Rig, session: &Session) -> Value {
    let answer = rig.call(sending(rig, session, Uuid::now_v7(), "image/gif", GIF)).await;
    assert_eq!(answer.status(), 201);
    json_of(answer).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_file_is_kept_once_and_goes_with_its_message() {
    let mut rig = Rig::new().await;
    let session = rig.visitor().await;
    let id = Uuid::now_v7();
    let first = json_of(rig.call(sending(&rig, &session, id, "image/gif", GIF)).await).await;
    let again = json_of(rig.call(sending(&rig, &session, id, "image/gif", GIF)).await).await;
    assert_eq!((&first["name"], &first["size"]), (&json!("map.gif"), &json!(GIF.len())));
    let body = json!({"client_id": Uuid::now_v7(), "attachments": [again["upload"]]});
    assert_eq!(rig.call(post(&rig.path("messages"), Some(&session.token), &body)).await.status(), 202);
    let Some(Event::Message(message)) = rig.next_inbound().await.event else { panic!("a message") };
    let [media] = &*message.media else { panic!("one file") };
    assert_eq!(
        (media.kind(), media.mime.as_str(), &*message.text),
        (attachment::Kind::Image, "image/gif", "")
    );

    // the conversation service has it brought into the store, where it is already
    let fetch = FetchMedia {
        message_id: "msg_x".into(),
        thread_id: rig.thread(&session),
        media: Some(media.clone()),
        index: 0,
    };
    rig.order("msg_x", order::Order::FetchMedia(fetch)).await;
    let Some(Event::MediaFetched(fetched)) = rig.next_inbound().await.event else { panic!("a file") };
    let kept = rig.media.0.lock().unwrap().clone();
    let [(file, bytes)] = &*kept.into_values().collect::<Vec<_>>() else { panic!("kept once") };
    assert_eq!((&fetched.file_id, bytes.as_slice(), fetched.reason.as_str()), (&file.id, GIF, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_too_many_or_of_a_type_that_is_not_taken_is_refused() {
    let rig = Rig::with(Config { max_file_bytes: 100, files_per_minute: 8, ..config() }, &[]).await;
    let (session, stranger) = (rig.visitor().await, rig.visitor().await);
    let send = async |mime: &str, bytes: &'static [u8]| {
        refusal(rig.call(sending(&rig, &session, Uuid::now_v7(), mime, bytes)).await).await
    };
    assert_eq!(send("image/gif", &[b'x'; 101]).await, (413, "file_too_large".into()));
    assert_eq!(send("text/html", GIF).await, (400, "file_type_refused".into()));
    // what it says it is does not count, and neither does how long
    assert_eq!(send("image/gif", b"<html>").await, (400, "file_type_refused".into()));
    let mut endless = sending(&rig, &session, Uuid::now_v7(), "image/gif", &[b'x'; 101]);
    endless.headers_mut().remove("content-length");
    assert_eq!(refusal(rig.call(endless).await).await, (413, "file_too_large".into()));
    assert!(rig.media.0.lock().unwrap().is_empty(), "nothing of what is refused stays");
    let mut nobody = sending(&rig, &session, Uuid::now_v7(), "image/gif", GIF);
    nobody.headers_mut().remove(AUTHORIZATION);
    assert_eq!(refusal(rig.call(nobody).await).await, (401, "missing_session".into()));

    let upload = sent(&rig, &session).await["upload"].clone();
    let told = async |session: &Session, files: Vec<Value>| {
        let body = json!({"client_id": Uuid::now_v7(), "text": "x", "attachments": files});
        let answer = rig.call(post(&rig.path("messages"), Some(&session.token), &body)).await;
        if answer.status() == 202 { "taken".to_owned() } else { refusal(answer).await.1 }
    };
    assert_eq!(told(&stranger, vec![upload.clone()]).await, "unknown_upload");
    assert_eq!(told(&session, vec![json!("x.y")]).await, "unknown_upload");
    assert_eq!(told(&session, vec![upload.clone(); 11]).await, "invalid_field");
    assert_eq!(told(&session, vec![upload; 10]).await, "taken");
    let mut refused = false;
    for _ in 0..8 {
        let answer = rig.call(sending(&rig, &session, Uuid::now_v7(), "image/gif", GIF)).await;
        refused |= answer.status() == 429;
    }
    assert!(refused, "files are limited");
}

#[tokio::test(flavor = "multi_thread")]
async fn visitors_fill_no_disk_however_many_they_are() {
    let small = Config { sessions_per_minute: 100, ..config() };
    let of_address = Config { address_mb_per_day: 6, ..small.clone() };
    let of_channel = Config { channel_mb_per_day: 6, ..small };
    for config in [of_address, of_channel] {
        let rig = Rig::with(config, &[]).await;
        for _ in 0..3 {
            sent(&rig, &rig.visitor().await).await;
        }
        let another = rig.visitor().await;
        let refused = rig.call(sending(&rig, &another, Uuid::now_v7(), "image/gif", GIF)).await;
        assert!(refused.headers().get("retry-after").is_some());
        assert_eq!(refusal(refused).await, (429, "rate_limited".into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_write_yet_sends_no_files() {
    let form = json!({"pre_chat": [{"name": "topic", "label": "What is it about?", "required": true}]});
    let proof = json!({"require_identity": true});
    let secrets = json!({"identity_hash_secrets": ["a secret of the shop"]});
    let rig = Rig::set_up(config(), form, secrets).await;
    let session = rig.visitor().await;
    let send =
        async || refusal(rig.call(sending(&rig, &session, Uuid::now_v7(), "image/gif", GIF)).await).await;
    assert_eq!(send().await, (422, "form_needed".into()));
    // the session is older than the rule
    rig.change_channel(|account| account.settings = Some(fields(&proof))).await;
    let is_known = async || (send().await == (401, "identity_needed".into())).then_some(());
    weft_testkit::eventually("who it is counts", SOON, is_known).await;
    assert!(rig.media.0.lock().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_file_is_shown_with_a_link_that_works_for_this_chat_alone() {
    let rig = Rig::new().await;
    let session = rig.visitor().await;
    let mut page = rig.socket(&session).await;
    let file = id::new::<id::File>().to_string();
    let attachment = Attachment {
        id: file.clone(),
        name: "map.gif".into(),
        mime: "image/gif".into(),
        size: 3,
        kind: attachment::Kind::Image.into(),
        ..Attachment::default()
    };
    let content =
        Outbound { seq: 2, text: "This way".into(), attachments: vec![attachment], ..Outbound::default() };
    rig.deliver(&session, content).await;
    let message = page.next().await["message"].clone();
    assert_eq!((&message["text"], &message["kind"]), (&json!("This way"), &json!("attachment")));
    let shown = &message["attachments"][0];
    assert_eq!(
        (&shown["name"], &shown["mime"], &shown["size"]),
        (&json!("map.gif"), &json!("image/gif"), &json!(3))
    );
    let url = shown["url"].as_str().unwrap();
    // an image sends no token
    let opened = rig.call(get(url, None)).await;
    assert_eq!(opened.status(), 302);
    // it is the visitor's, who opens it now, and is not kept for longer than it works
    let theirs = format!("/files/{file}?of={}&for=visitor:{}", rig.tenant, session.visitor);
    assert_eq!(opened.headers()["location"], theirs);
    assert_eq!(opened.headers()["cache-control"], "private, max-age=240");
    assert_eq!(refusal(rig.call(get(&format!("{url}x"), None)).await).await, (403, "invalid_link".into()));
    let elsewhere = url.replace(&rig.channel.to_string(), &id::new::<id::Channel>().to_string());
    assert_eq!(rig.call(get(&elsewhere, None)).await.status(), 404);
    rig.clock.advance(chrono::TimeDelta::hours(25));
    assert_eq!(refusal(rig.call(get(url, None)).await).await, (403, "link_expired".into()));
}
