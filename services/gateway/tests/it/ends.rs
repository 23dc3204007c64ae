use std::time::Duration;

use chrono::Utc;
use serde_json::json;
use weft_auth::Subject;
use weft_testkit::eventually;

use crate::{
    rig::{PATIENCE, Rig},
    socket::{Ended, Socket, open},
};

#[tokio::test]
async fn a_session_that_was_taken_back_is_shut_out() {
    let rig = Rig::new().await;
    let (principal, token) = rig.agent();
    let (_, other) = rig.agent();
    let socket = Socket::following(&rig, &token).await;
    let mut stays = Socket::following(&rig, &other).await;
    let here = socket.cursor.clone();
    let Subject::User(_, session) = principal.subject else { unreachable!("a user") };
    rig.authority.revocations().session(session, Utc::now());
    let ended = tokio::time::timeout(Duration::from_secs(2), socket.end()).await.expect("within seconds").1;
    assert_eq!(ended, Ended { goodbye: Some("session_ended".into()), resume: Some(here), code: Some(4401) });
    rig.publish(&rig.tenant, "conv_x", 1..2, "").await;
    assert_eq!(stays.next_event().await.0, 1);
}

#[tokio::test]
async fn a_socket_ends_with_its_token() {
    let rig = Rig::new().await;
    let socket = Socket::following(&rig, &rig.agent_for(2)).await;
    let ended = socket.end().await.1;
    assert_eq!((ended.goodbye.as_deref(), ended.code), (Some("session_ended"), Some(4401)));
}

#[tokio::test]
async fn when_the_process_stops_clients_are_told_where_to_go_on() {
    let rig = Rig::new().await;
    let (_, token) = rig.agent();
    let mut socket = Socket::following(&rig, &token).await;
    rig.publish(&rig.tenant, "conv_x", 1..2, "").await;
    let (_, cursor) = socket.next_event().await;
    let lifecycle = rig.lifecycle.clone();
    let (stopped, (_, ended)) = tokio::join!(lifecycle.stop(), socket.end());
    stopped.unwrap();
    assert_eq!(ended, Ended { goodbye: Some("going_away".into()), resume: Some(cursor), code: Some(1012) });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_falls_behind_is_told_and_goes_on_from_there() {
    let rig = Rig::with("live.lagging_events = 50\nlive.lagging_ms = 60000").await;
    let (_, token) = rig.agent();
    let socket = Socket::following(&rig, &token).await;
    let large = "x".repeat(20_000);
    for first in (0..1_500).step_by(100) {
        rig.publish(&rig.tenant, "conv_x", first..first + 100, &large).await;
    }
    let (events, ended) = socket.end().await;
    assert_eq!((ended.goodbye.as_deref(), ended.code), (Some("lagging"), Some(1013)));
    assert!(events < 1_500, "it was not all kept for it: {events}");
    let (mut cursor, mut seen) = (ended.resume.unwrap(), events);
    while seen < 1_500 {
        let mut again = Socket::connect(&rig, &token).await;
        again.go_on(&mut cursor, &mut seen, 1_500).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_takes_nothing_is_cut() {
    let rig = Rig::with("live.lagging_ms = 300\nlive.sockets_per_caller = 1").await;
    let (_, token) = rig.agent();
    let stuck = Socket::following(&rig, &token).await;
    let large = "x".repeat(20_000);
    for first in (0..1_500).step_by(100) {
        rig.publish(&rig.tenant, "conv_x", first..first + 100, &large).await;
    }
    let bearer = format!("Bearer {token}");
    eventually("its place is free", PATIENCE, async || open(&rig, &[("authorization", &bearer)]).await.ok())
        .await;
    let (events, _) = stuck.end().await;
    assert!(events < 1_500, "{events}");
}

#[tokio::test]
async fn a_client_that_is_silent_is_cut() {
    let rig = Rig::with("live.ping_ms = 50\nlive.idle_ms = 200\nlive.sockets_per_caller = 1").await;
    let (_, token) = rig.agent();
    // it is not read from, so that it does not answer pings
    let _silent = Socket::connect(&rig, &token).await;
    let bearer = format!("Bearer {token}");
    eventually("its place is free", PATIENCE, async || open(&rig, &[("authorization", &bearer)]).await.ok())
        .await;
}

#[tokio::test]
async fn a_client_that_answers_pings_stays() {
    let rig = Rig::with("live.ping_ms = 50\nlive.idle_ms = 200").await;
    let (_, token) = rig.agent();
    let mut socket = Socket::following(&rig, &token).await;
    // far beyond when a silent client is cut
    socket.answer_pings(12).await;
    rig.publish(&rig.tenant, "conv_x", 1..2, "").await;
    assert_eq!(socket.next_event().await.0, 1);
}

#[tokio::test]
async fn a_client_that_talks_too_much_is_cut() {
    let rig = Rig::new().await;
    let (_, token) = rig.agent();
    let mut socket = Socket::connect(&rig, &token).await;
    for _ in 0..200 {
        socket.say(json!({"type": "ping"})).await;
    }
    assert_eq!(socket.end().await.1.code, Some(1008));
}
