//! What a message shows stays as long as the message does.

use std::time::Duration;

use chrono::Utc;
use rstest::rstest;
use weft_bus::{Event, Stream};
use weft_domain::{Role, TenantId, id};
use weft_proto::{
    conversation::v1::{Attachment, Message},
    convert::timestamp,
    events::v1::MessageCreated,
    json,
    media::v1::ReleaseFilesRequest,
};

use crate::rig::{Engine, Rig};

const PATIENCE: Duration = Duration::from_secs(20);

impl Rig {
    async fn tell(&self, tenant: &TenantId, change: &str, message: Message) {
        let event = Event {
            id: id::new::<id::Event>().to_string(),
            kind: format!("weft.v1.message.{change}"),
            source: "/conversation".into(),
            subject: format!("weft.events.{tenant}.message.{change}"),
            key: "conv_1".into(),
            tenant: Some(tenant.to_string()),
            time: Utc::now(),
            traceparent: None,
            tracestate: None,
            data: json::encode(&MessageCreated { message: Some(message) }).unwrap(),
        };
        self.bus.publish(Stream::Events, event).await.unwrap();
    }
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_with_the_last_message_that_shows_it(#[case] engine: Engine) {
    let rig = Rig::new(engine).await;
    let ours = rig.agent();
    let file = rig.upload(&ours, "a.txt", "text/plain", b"hello").await["id"].as_str().unwrap().to_owned();
    let attachments = vec![Attachment { id: file.clone(), ..Attachment::default() }, Attachment::default()];
    let message =
        |id: &str| Message { id: id.into(), attachments: attachments.clone(), ..Message::default() };
    let taken_back =
        |id: &str| Message { id: id.into(), deleted_at: Some(timestamp(Utc::now())), ..Message::default() };
    rig.tell(&ours.tenant, "created", message("msg_1")).await;
    rig.tell(&ours.tenant, "updated", message("msg_1")).await;
    rig.tell(&ours.tenant, "created", message("msg_2")).await;
    rig.tell(&rig.agent().tenant, "created", message("msg_3")).await;
    // somebody's sight is not the message
    rig.tell(&ours.tenant, "hidden", taken_back("msg_2")).await;
    rig.tell(&ours.tenant, "updated", taken_back("msg_1")).await;
    let last = rig.upload(&ours, "b.txt", "text/plain", b"last").await["id"].as_str().unwrap().to_owned();
    let marker = Message {
        attachments: vec![Attachment { id: last.clone(), ..Attachment::default() }],
        ..message("msg_4")
    };
    rig.tell(&ours.tenant, "created", marker).await;
    let admin = rig.colleague(&ours, Role::Admin);
    // it is held once all before it was heard; letting go of it says so
    weft_testkit::eventually("all was heard", PATIENCE, async || {
        let (tenant_id, holder) = (ours.tenant.to_string(), "msg_4".to_owned());
        let all = ReleaseFilesRequest { tenant_id, ids: Vec::new(), holder };
        let gone = rig.transfer.clone().release_files(all).await.unwrap().into_inner().deleted_ids;
        (gone == [last.clone()]).then_some(())
    })
    .await;
    assert_eq!(rig.delete_file(&admin, &file).await.unwrap_err().reason(), "file_in_use");
    rig.tell(&ours.tenant, "updated", taken_back("msg_2")).await;
    weft_testkit::eventually("the file is gone", PATIENCE, async || rig.get_file(&ours, &file).await.err())
        .await;
    rig.until_on_disk("nothing", <[_]>::is_empty).await;
}
