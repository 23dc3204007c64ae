use rstest::rstest;
use weft_domain::{Result, id};
use weft_proto::{
    channel::v1::{Media, MediaFetched, MessageReceived, inbound},
    conversation::v1::{AttachmentRef, Message, SendMessageRequest, attachment, content},
};

use crate::{
    adapter::{Tenant, words},
    agent::fault,
    rig::{Engine, Rig},
};

async fn send(tenant: &Tenant<'_>, conversation: &str, files: &[&str]) -> Result<Message> {
    let attachments = files.iter().map(|&id| AttachmentRef { id: id.into() }).collect();
    let conversation_id = conversation.into();
    tenant.send_request(SendMessageRequest { conversation_id, attachments, ..Default::default() }).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn files_are_sent_as_media_knows_them_and_only_by_their_tenant(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (tenant, other) = (rig.tenant(), rig.tenant());
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let photo = rig.files.add(tenant.id, "cat.jpg", "image/jpeg");
    let voice = rig.files.add(tenant.id, "voice.ogg", "audio/ogg");
    let theirs = rig.files.add(other.id, "secret.pdf", "application/pdf");
    let unknown = id::new::<id::File>().to_string();
    for wrong in [theirs.as_str(), unknown.as_str(), "file_x"] {
        let error = send(&tenant, &conversation, &[&photo, wrong]).await.unwrap_err();
        assert_eq!(fault(&error), ("unknown_file", Some("attachments[1].id")), "{wrong}");
    }
    let many = vec![photo.as_str(); 11];
    assert_eq!(fault(&send(&tenant, &conversation, &many).await.unwrap_err()).1, Some("attachments"));
    tenant.no_more_orders().await;

    let message = send(&tenant, &conversation, &[&photo, &voice]).await.unwrap();
    assert_eq!(message.kind(), content::Kind::Attachment);
    let order = tenant.order().await;
    let kinds: Vec<_> = order.attachments.iter().map(|file| (file.kind(), file.name.as_str())).collect();
    assert_eq!(kinds, [(attachment::Kind::Image, "cat.jpg"), (attachment::Kind::Voice, "voice.ogg")]);
    assert_eq!(order.attachments, message.attachments);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_fetched_file_fills_its_place_and_one_that_cannot_be_had_says_why(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let media = vec![
        Media { reference: "a".into(), name: "a.jpg".into(), ..Media::default() },
        Media { reference: "b".into(), ..Media::default() },
    ];
    let message = MessageReceived { media, ..words("m1", "look") };
    tenant.tell("anna", inbound::Event::Message(message)).await;
    let message = tenant.until_message(|it| it.text == "look").await;
    assert!(message.attachments.iter().all(|file| file.state() == attachment::State::Pending));
    let order = tenant.fetch_order(&message.id, 1).await;
    assert_eq!((order.thread_id.as_str(), order.media.unwrap().reference.as_str()), ("anna", "b"));
    let file = id::new::<id::File>().to_string();
    let fetched = |index, file_id: &str, reason: &str| {
        inbound::Event::MediaFetched(MediaFetched {
            message_id: message.id.clone(),
            index,
            file_id: file_id.into(),
            mime: "image/png".into(),
            size: 42,
            name: "b.png".into(),
            reason: reason.into(),
        })
    };
    tenant.tell("anna", fetched(0, "", "the provider deleted it")).await;
    tenant.tell("anna", fetched(1, &file, "")).await;
    tenant.tell("anna", fetched(7, &file, "")).await;
    let ready = |it: &Message| it.attachments.iter().any(|file| file.state() == attachment::State::Available);
    let shown = tenant.until_message(ready).await;
    let [first, second] = &shown.attachments[..] else { panic!("two files") };
    assert_eq!(
        (first.state(), first.detail.as_str()),
        (attachment::State::Unavailable, "the provider deleted it")
    );
    assert_eq!((second.id.as_str(), second.name.as_str(), second.size), (file.as_str(), "b.png", 42));
    tenant.settle("anna").await;
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_does_not_wait_behind_a_file_that_is_being_fetched(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let media = vec![Media { reference: "long video".into(), ..Media::default() }];
    let message = MessageReceived { media, ..words("m1", "look") };
    tenant.tell("anna", inbound::Event::Message(message)).await;
    let message = tenant.until_message(|it| it.text == "look").await;
    tenant.fetch_order(&message.id, 0).await;
    tenant.send(&message.conversation_id, "nice").await.unwrap();
    tenant.order().await;
    let keys = rig.order_keys.now(<[String]>::to_vec);
    assert_eq!(keys, [message.id, message.conversation_id], "the bus keeps the order within a key only");
}
