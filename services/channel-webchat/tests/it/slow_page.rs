//! Pages of Socket.IO that take what is sent slowly, or not at all.

use std::time::Duration;

use serde_json::json;
use weft_channel_webchat::Config;

use crate::{
    bare_page::BarePage,
    rig::{Rig, config},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_socket_io_that_does_not_read_is_sent_away_and_its_connection_lets_nobody_in_again() {
    let telemetry = weft_telemetry::init_for_test();
    let rig = Rig::with(Config { slow_after_ms: 300, ..config() }, &[]).await;
    let session = rig.visitor().await;
    let mut page = BarePage::open(&rig).await;
    page.emit("join_session", json!({"session_token": session.token})).await;
    page.hear("joined").await;
    let subject = format!("weft.live.{}.webchat.{}.{}", rig.tenant, rig.channel, session.visitor);
    let large = json!({"type": "message", "message": {"text": "x".repeat(100_000)}}).to_string();
    let is_cut = async || {
        // faster than the heartbeat looks, and more than the buffers of both ends hold
        for _ in 0..20 {
            rig.bus.publish_live(&subject, large.clone().into()).await.unwrap();
        }
        telemetry.render_metrics().contains("weft_webchat_slow_visitors_total 1").then_some(())
    };
    weft_testkit::eventually("the page is cut", Duration::from_secs(60), is_cut).await;
    // it goes on reading, and learns that nobody listens
    page.until("41").await;
    page.enter().await;
    let refused = page.until("44").await;
    assert!(refused.contains("open another connection"), "{refused}");
}
