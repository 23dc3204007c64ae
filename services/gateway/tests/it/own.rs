//! What is one person's own is shown on their sockets alone; what is of the desk, to all who follow all.

use prost_reflect::ReflectMessage;
use rstest::rstest;
use serde_json::json;
use weft_bus::{Event, Stream};
use weft_domain::{Role, id};
use weft_proto::{
    conversation::v1::{CannedReply, ContactExport, ContactImport, Macro, conversation::Mark},
    event_type,
    events::v1::{
        CannedReplyUpdated, ContactExportUpdated, ContactImportUpdated, MacroUpdated, MarkUpdated,
        NotificationUpdated, ViewCounted,
    },
    json as proto_json,
};

use crate::{
    rig::{Kind, Rig},
    socket::Socket,
};

async fn tell<M: ReflectMessage + Default>(rig: &Rig, key: &str, message: &M) {
    let kind = event_type::<M>().cloud_event();
    let event = Event {
        id: id::new::<id::Event>().to_string(),
        subject: format!("weft.events.{}.{}", rig.tenant, kind.trim_start_matches("weft.v1.")),
        kind,
        source: "/conversation".into(),
        key: key.to_owned(),
        tenant: Some(rig.tenant.to_string()),
        time: chrono::Utc::now(),
        traceparent: None,
        tracestate: None,
        data: proto_json::encode(message).unwrap(),
    };
    rig.bus.publish(Stream::Events, event).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn what_is_one_s_own_is_shown_on_one_s_own_sockets_alone(
    #[values(Kind::Embedded, Kind::JetStream)] kind: Kind,
) {
    let rig = Rig::on(kind, "").await;
    let (me, other) = (rig.principal(rig.tenant, Role::Agent), rig.principal(rig.tenant, Role::Admin));
    let mut mine = Socket::following(&rig, &rig.token(&me)).await;
    let mut theirs = Socket::following(&rig, &rig.token(&other)).await;
    let mut named = Socket::connect(&rig, &rig.token(&other)).await;
    let conversation = id::new::<id::Conversation>().to_string();
    named.follow(json!([conversation])).await;
    let view = id::new::<id::View>().to_string();
    let mark = MarkUpdated {
        conversation_id: conversation.clone(),
        user_id: me.user().to_string(),
        mark: Mark::Star.into(),
        removed: false,
    };
    tell(&rig, &conversation, &mark).await;
    let counted =
        |user: String, count| ViewCounted { view_id: view.clone(), user_id: user, count: Some(count) };
    tell(&rig, &view, &counted(me.user().to_string(), 2)).await;
    tell(&rig, &view, &counted(String::new(), 5)).await;
    let reply = CannedReply { id: id::new::<id::CannedReply>().to_string(), ..CannedReply::default() };
    let own = CannedReplyUpdated {
        canned_reply: Some(reply.clone()),
        user_id: me.user().to_string(),
        ..CannedReplyUpdated::default()
    };
    tell(&rig, &reply.id, &own).await;
    let steps = Macro { id: id::new::<id::Macro>().to_string(), ..Macro::default() };
    let shared = MacroUpdated { r#macro: Some(steps.clone()), ..MacroUpdated::default() };
    tell(&rig, &steps.id, &shared).await;
    rig.publish(&rig.tenant, &conversation, 7..8, "hello").await;

    let frame = mine.next().await;
    assert_eq!((&frame["event"], &frame["data"]["mark"]), (&json!("mark.updated"), &json!("star")));
    assert_eq!(
        [2, 5],
        [mine.next().await, mine.next().await].map(|frame| frame["data"]["count"].as_i64().unwrap())
    );
    assert_eq!(mine.next().await["event"], "canned_reply.updated");
    assert_eq!(mine.next().await["event"], "macro.updated");
    assert_eq!(mine.next_event().await.0, 7);
    assert_eq!(theirs.next().await["data"]["count"], 5);
    assert_eq!(theirs.next().await["event"], "macro.updated");
    for socket in [&mut theirs, &mut named] {
        assert_eq!(socket.next_event().await.0, 7, "and nothing else");
    }
}

#[rstest]
#[tokio::test]
async fn what_somebody_should_know_of_is_shown_on_all_their_sockets_and_on_no_others(
    #[values(Kind::Embedded, Kind::JetStream)] kind: Kind,
) {
    let rig = Rig::on(kind, "").await;
    let (me, other) = (rig.principal(rig.tenant, Role::Agent), rig.principal(rig.tenant, Role::Admin));
    let conversation = id::new::<id::Conversation>().to_string();
    let mut all = Socket::following(&rig, &rig.token(&me)).await;
    let mut one = Socket::connect(&rig, &rig.token(&me)).await;
    one.follow(json!([conversation])).await;
    let mut theirs = Socket::following(&rig, &rig.token(&other)).await;
    let user_id = me.user().to_string();
    for unread_count in [3, 0] {
        let told = NotificationUpdated { user_id: user_id.clone(), notification: None, unread_count };
        tell(&rig, &user_id, &told).await;
    }
    rig.publish(&rig.tenant, &conversation, 7..8, "hello").await;
    for socket in [&mut all, &mut one] {
        for left in [3, 0] {
            let frame = socket.next().await;
            assert_eq!(frame["event"], "notification.updated");
            assert_eq!(frame["data"]["unread_count"], left);
        }
        assert_eq!(socket.next_event().await.0, 7);
    }
    assert_eq!(theirs.next_event().await.0, 7, "and nothing else");
}

#[rstest]
#[tokio::test]
async fn how_far_an_import_or_export_is_is_shown_to_who_began_it_alone(
    #[values(Kind::Embedded, Kind::JetStream)] kind: Kind,
) {
    let rig = Rig::on(kind, "").await;
    let (me, other) = (rig.principal(rig.tenant, Role::Manager), rig.principal(rig.tenant, Role::Admin));
    let mut mine = Socket::following(&rig, &rig.token(&me)).await;
    let mut theirs = Socket::following(&rig, &rig.token(&other)).await;
    let user_id = me.user().to_string();
    let import =
        ContactImport { id: id::new::<id::Import>().to_string(), row_count: 7, ..Default::default() };
    let told = ContactImportUpdated { contact_import: Some(import.clone()), user_id: user_id.clone() };
    tell(&rig, &import.id, &told).await;
    let export =
        ContactExport { id: id::new::<id::Export>().to_string(), row_count: 8, ..Default::default() };
    let told = ContactExportUpdated { contact_export: Some(export.clone()), user_id };
    tell(&rig, &export.id, &told).await;
    let conversation = id::new::<id::Conversation>().to_string();
    rig.publish(&rig.tenant, &conversation, 9..10, "hello").await;

    for (event, of, key, rows) in [
        ("contact_import.updated", "contact_import", &import.id, 7),
        ("contact_export.updated", "contact_export", &export.id, 8),
    ] {
        let frame = mine.next().await;
        assert_eq!((&frame["event"], &frame["data"][of]["id"]), (&json!(event), &json!(key)));
        assert_eq!(frame["data"][of]["row_count"], rows);
    }
    assert_eq!(mine.next_event().await.0, 9);
    assert_eq!(theirs.next_event().await.0, 9, "and nothing else");
}
