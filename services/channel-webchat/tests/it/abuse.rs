use std::time::Duration;

use futures::StreamExt as _;
use http::{HeaderValue, Request, header::ORIGIN};
use serde_json::json;
use tokio_tungstenite::tungstenite::{self, Message as Frame};
use uuid::Uuid;
use weft_channel_webchat::Config;

use crate::rig::{Rig, Session, config, get, post, refusal};

const OURS: &str = "https://museum.example";

#[tokio::test(flavor = "multi_thread")]
async fn only_pages_of_the_channels_own_addresses_may_use_it() {
    let rig = Rig::with(config(), &[OURS]).await;
    let from = |origin: &'static str, token: Option<&str>| {
        let mut request = match token {
            None => post(&rig.path("sessions"), None, &json!({})),
            Some(_) => get(&rig.path("messages"), token),
        };
        request.headers_mut().insert(ORIGIN, HeaderValue::from_static(origin));
        request
    };
    let session = rig.visitor().await;
    let ours = rig.call(from(OURS, Some(&session.token))).await;
    assert_eq!(ours.status(), 200);
    assert_eq!(ours.headers()["access-control-allow-origin"], OURS);
    for token in [None, Some(session.token.as_str())] {
        let theirs = rig.call(from("https://evil.example", token)).await;
        assert!(theirs.headers().get("access-control-allow-origin").is_none());
        assert_eq!(refusal(theirs).await, (403, "origin_not_allowed".into()));
    }
    let ask = |origin: &'static str| {
        Request::options(rig.path("messages"))
            .header(ORIGIN, origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type")
            .body(axum::body::Body::empty())
            .unwrap()
    };
    let allowed = rig.call(ask(OURS)).await;
    assert_eq!(allowed.status(), 200);
    assert_eq!(allowed.headers()["access-control-allow-origin"], OURS);
    assert!(
        rig.call(ask("https://evil.example")).await.headers().get("access-control-allow-origin").is_none()
    );

    assert!(rig.connect(&session.token, Some(OURS)).await.is_ok());
    let Err(tungstenite::Error::Http(answer)) =
        rig.connect(&session.token, Some("https://evil.example")).await
    else {
        panic!("refused")
    };
    assert_eq!(answer.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_and_an_address_may_only_ask_for_so_much() {
    let rig = Rig::with(Config { messages_per_minute: 4, sessions_per_minute: 200, ..config() }, &[]).await;
    let (session, other) = (rig.visitor().await, rig.visitor().await);
    for _ in 0..2 {
        assert_eq!(rig.write(&session, Uuid::now_v7(), "x").await.status(), 202);
    }
    let refused = rig.write(&session, Uuid::now_v7(), "x").await;
    assert!(refused.headers().get("retry-after").is_some());
    assert_eq!(refusal(refused).await, (429, "rate_limited".into()));
    let mut page = rig.socket(&session).await;
    let id = Uuid::now_v7();
    page.say(json!({"type": "message", "client_id": id, "text": "x"})).await;
    let told = page.next().await;
    assert_eq!((&told["reason"], &told["client_id"]), (&json!("rate_limited"), &json!(id)));
    assert!(told["retry_after_ms"].as_u64().unwrap() > 0);
    assert_eq!(rig.write(&other, Uuid::now_v7(), "x").await.status(), 202);
    let mut opened = 0;
    while rig.call(post(&rig.path("sessions"), None, &json!({}))).await.status() == 201 {
        opened += 1;
        assert!(opened < 200, "sessions are limited");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitor_who_takes_nothing_is_cut_off_and_others_are_not() {
    let telemetry = weft_telemetry::init_for_test();
    let rig = Rig::with(Config { slow_after_ms: 300, ..config() }, &[]).await;
    let (slow, quick) = (rig.visitor().await, rig.visitor().await);
    let (mut stuck, mut reading) = (rig.narrow_socket(&slow).await, rig.socket(&quick).await);
    let push = async |session: &Session, text: &str| {
        let subject = format!("weft.live.{}.webchat.{}.{}", rig.tenant, rig.channel, session.visitor);
        let frame = json!({"type": "message", "text": text}).to_string();
        rig.bus.publish_live(&subject, frame.into()).await.unwrap();
    };
    let large = "x".repeat(200_000);
    // more than the buffers of both ends hold; the one who reads gets everything all the while
    for _ in 0..100 {
        push(&slow, &large).await;
        push(&quick, "quick").await;
        assert_eq!(reading.next().await["text"], "quick");
    }
    weft_testkit::eventually("the slow socket is cut", Duration::from_secs(20), async || {
        telemetry.render_metrics().contains("weft_webchat_slow_visitors_total 1").then_some(())
    })
    .await;
    let mut received = 0;
    while let Some(Ok(Frame::Text(_))) = stuck.next().await {
        received += 1;
    }
    assert!(received < 100, "{received}");
    push(&quick, "still here").await;
    assert_eq!(reading.next().await["text"], "still here");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_that_is_too_large_or_not_text_ends_the_socket() {
    use futures::SinkExt as _;
    let rig = Rig::new().await;
    let session = rig.visitor().await;
    let mut page = rig.socket(&session).await;
    page.0.send(Frame::binary(vec![1])).await.unwrap();
    let Frame::Close(Some(frame)) = page.receive().await else { panic!("a close") };
    assert_eq!(u16::from(frame.code), 1003);
    let mut other = rig.socket(&session).await;
    other.0.send(Frame::text("x".repeat(65 * 1024))).await.unwrap();
    let ended = tokio::time::timeout(crate::rig::SOON, other.0.next()).await.unwrap();
    assert!(!matches!(ended, Some(Ok(Frame::Text(_)))), "{ended:?}");
}
