//! What canned replies and macros bring along stays as long as they have it, and longer.

use std::time::Duration;

use chrono::Utc;
use prost_reflect::ReflectMessage;
use rstest::rstest;
use weft_bus::{Event, Stream};
use weft_domain::{Role, TenantId, id};
use weft_proto::{
    conversation::v1::{Attachment, AttachmentRef, CannedReply, Macro, MacroMessage, Message},
    convert::timestamp,
    event_type,
    events::v1::{CannedReplyUpdated, MacroUpdated, MessageCreated, MessageUpdated},
    json,
    media::v1::ReleaseFilesRequest,
};

use crate::rig::{Engine, Person, Rig};

const PATIENCE: Duration = Duration::from_secs(20);

impl Rig {
    async fn tell_of<M: ReflectMessage + Default>(&self, tenant: &TenantId, event: &M) {
        let kind = event_type::<M>();
        let event = Event {
            id: id::new::<id::Event>().to_string(),
            kind: kind.cloud_event(),
            source: "/conversation".into(),
            subject: format!("weft.events.{tenant}.{}", kind.short()),
            key: "a key".into(),
            tenant: Some(tenant.to_string()),
            time: Utc::now(),
            traceparent: None,
            tracestate: None,
            data: json::encode(event).unwrap(),
        };
        self.bus.publish(Stream::Events, event).await.unwrap();
    }

    async fn kept(&self, ours: &Person, name: &str) -> String {
        let file = self.upload(ours, name, "text/plain", name.as_bytes()).await;
        file.get("id").unwrap().as_str().unwrap().to_owned()
    }

    /// Waits until all that was told so far was heard: a file is held once that is so, and letting go of it says so.
    async fn heard(&self, ours: &Person) {
        let last = self.kept(ours, "last.txt").await;
        let attachments = vec![Attachment { id: last.clone(), ..Attachment::default() }];
        let message = Message { id: "msg_last".into(), attachments, ..Message::default() };
        self.tell_of(&ours.tenant, &MessageCreated { message: Some(message) }).await;
        weft_testkit::eventually("all was heard", PATIENCE, async || {
            let (tenant_id, holder) = (ours.tenant.to_string(), "msg_last".to_owned());
            let all = ReleaseFilesRequest { tenant_id, ids: Vec::new(), holder };
            let gone = self.transfer.clone().release_files(all).await.unwrap().into_inner().deleted_ids;
            (gone == [last.clone()]).then_some(())
        })
        .await;
    }
}

fn reply(files: &[&String], removed: bool) -> CannedReplyUpdated {
    let attachments = files.iter().map(|id| Attachment { id: (*id).clone(), ..Attachment::default() });
    let reply =
        CannedReply { id: "canned_1".into(), attachments: attachments.collect(), ..Default::default() };
    CannedReplyUpdated { canned_reply: Some(reply), removed, ..Default::default() }
}

fn steps(reply: &[&String], note: &[&String]) -> MacroUpdated {
    let message = |files: &[&String]| MacroMessage {
        attachments: files.iter().map(|id| AttachmentRef { id: (*id).clone() }).collect(),
        ..Default::default()
    };
    let (reply, note) = (Some(message(reply)), Some(message(note)));
    MacroUpdated {
        r#macro: Some(Macro { id: "macro_1".into(), reply, note, ..Default::default() }),
        ..Default::default()
    }
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_a_reply_or_a_macro_has_cannot_be_deleted_under_it(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let ours = rig.agent();
    let admin = rig.colleague(&ours, Role::Admin);
    let (a, b) = (&rig.kept(&ours, "a.txt").await, &rig.kept(&ours, "b.txt").await);
    let c = &rig.kept(&ours, "c.txt").await;
    let delete =
        async |file: &String| rig.delete_file(&admin, file).await.map_err(|error| error.reason().to_owned());
    let in_use = Err("file_in_use".to_owned());

    rig.tell_of(&ours.tenant, &reply(&[a], false)).await;
    rig.tell_of(&ours.tenant, &steps(&[b], &[c])).await;
    // a message that has it, too, goes without it
    let attachments = vec![Attachment { id: a.clone(), ..Attachment::default() }];
    let message = Message { id: "msg_1".into(), attachments, ..Message::default() };
    rig.tell_of(&ours.tenant, &MessageCreated { message: Some(message.clone()) }).await;
    let deleted = Message { deleted_at: Some(timestamp(Utc::now())), ..message };
    rig.tell_of(&ours.tenant, &MessageUpdated { message: Some(deleted) }).await;
    rig.heard(&ours).await;
    for file in [a, b, c] {
        assert_eq!(delete(file).await.map(drop), in_use);
    }

    // another tenant says what it likes
    rig.tell_of(&rig.agent().tenant, &reply(&[], true)).await;
    rig.tell_of(&ours.tenant, &reply(&[b], false)).await;
    rig.tell_of(&ours.tenant, &steps(&[b], &[])).await;
    rig.heard(&ours).await;
    assert_eq!(delete(b).await.map(drop), in_use);
    rig.tell_of(&ours.tenant, &steps(&[], &[])).await;
    rig.heard(&ours).await;
    assert_eq!(delete(b).await.map(drop), in_use);
    rig.tell_of(&ours.tenant, &reply(&[b], true)).await;
    rig.heard(&ours).await;
    // what nothing needs stays: somebody may be about to send it
    for file in [a, b, c] {
        rig.get_file(&ours, file).await.unwrap();
        delete(file).await.unwrap();
    }
}
