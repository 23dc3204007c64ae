use bytes::Bytes;
use serde_json::{Value, json};
use tokio::time::timeout;
use weft_bus::LiveSubscription;
use weft_channel_webchat::Config;
use weft_proto::conversation::v1::{Message, message};

use crate::rig::{Rig, SOON, Session, config};

async fn next(live: &mut LiveSubscription) -> Value {
    let (_, body) = timeout(SOON, live.next()).await.expect("somebody comes or goes").unwrap();
    serde_json::from_slice(&body).unwrap()
}

fn has_written(rig: &Rig, session: &Session) {
    let first = Message {
        id: "msg_1".into(),
        conversation_id: "conv_1".into(),
        seq: 1,
        direction: message::Direction::Inbound.into(),
        ..Message::default()
    };
    rig.conversation.0.lock().unwrap().insert(rig.thread(session), vec![first]);
}

#[tokio::test(flavor = "multi_thread")]
async fn our_side_sees_a_visitor_come_and_leave_with_the_last_page() {
    let rig = Rig::with(Config { left_after_ms: 50, ..config() }, &[]).await;
    let (session, unknown) = (rig.visitor().await, rig.visitor().await);
    has_written(&rig, &session);
    let mut live = rig.bus.subscribe_live(&format!("weft.live.{}.presence", rig.tenant)).await.unwrap();
    let nobodys = rig.socket(&unknown).await;
    let one = rig.socket(&session).await;
    assert_eq!(next(&mut live).await, json!({"conversation_id": "conv_1", "online": true}));
    let other = rig.socket(&session).await;
    drop((one, nobodys));
    // only the last page takes the visitor along: if the first one had, this would be heard twice
    let third = rig.socket(&session).await;
    drop((other, third));
    let mut told = next(&mut live).await;
    while told["online"] == true {
        told = next(&mut live).await;
    }
    // what is false is left out
    assert_eq!(told, json!({"conversation_id": "conv_1"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_stays_keeps_its_visitor_there() {
    let rig = Rig::with(Config { left_after_ms: 50, ..config() }, &[]).await;
    let session = rig.visitor().await;
    has_written(&rig, &session);
    let mut live = rig.bus.subscribe_live(&format!("weft.live.{}.presence", rig.tenant)).await.unwrap();
    let (one, other) = (rig.socket(&session).await, rig.socket(&session).await);
    assert_eq!(next(&mut live).await["online"], true);
    let room = format!("weft.live.{}.webchat.{}.{}", rig.tenant, rig.channel, session.visitor);
    let mut asked = rig.bus.subscribe_live(&room).await.unwrap();
    drop(one);
    assert_eq!(next(&mut asked).await, json!({"type": "roll_call"}));
    // the page has been seen off once the task is over; then nothing was said
    let idle = async || {
        rig.lifecycle.work().running().iter().all(|(name, _)| name != "see a visitor off").then_some(())
    };
    weft_testkit::eventually("the page has been seen off", SOON, idle).await;
    let marker = json!({"conversation_id": "conv_2", "online": true}).to_string();
    rig.bus.publish_live(&format!("weft.live.{}.presence", rig.tenant), marker.into()).await.unwrap();
    assert_eq!(next(&mut live).await["conversation_id"], "conv_2");
    drop(other);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_learns_who_is_there_and_what_was_read() {
    let rig = Rig::new().await;
    *rig.automation.0.lock().unwrap() = (0, 0);
    let session = rig.visitor().await;
    has_written(&rig, &session);
    let mut page = rig.connect(&session.token, None).await.unwrap();
    let expected = json!({"agents": "offline", "open": true, "answering": true});
    assert_eq!(page.next().await["presence"], expected);
    let read = json!({"tenant_id": rig.tenant, "channel_id": rig.channel, "thread_id": rig.thread(&session), "seq": 1});
    let subject = format!("weft.live.{}.read_out.webchat", rig.tenant);
    let heard = async || {
        rig.bus.publish_live(&subject, Bytes::from(read.to_string())).await.unwrap();
        timeout(std::time::Duration::from_millis(200), page.next()).await.ok()
    };
    let seen = weft_testkit::eventually("the visitor sees that we have read", SOON, heard).await;
    assert_eq!(seen, json!({"type": "seen", "seq": 1}));
    assert_eq!(rig.history(&session, "").await["items"][0]["read"], true);
}
