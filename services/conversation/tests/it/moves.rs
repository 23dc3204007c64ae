//! A conversation that goes on over another channel, one that is begun by us, and what is known before sending.

use chrono::TimeDelta;
use rstest::rstest;
use weft_domain::{Result, id};
use weft_proto::{
    channel::v1::{Person, ThreadMoved, inbound},
    conversation::v1::{
        AttachmentRef, Conversation, MoveConversationRequest, Preview, SendMessageRequest,
        StartConversationRequest, UpdateContactSettingsRequest,
    },
    directory::v1::Capabilities,
};

use crate::{
    adapter::{Tenant, person},
    agent::fault,
    rig::{Engine, Rig},
};

pub(crate) fn can() -> Capabilities {
    Capabilities {
        content: vec!["text".into(), "image".into()],
        max_text_chars: 20,
        max_file_bytes: 5_000_000,
        reply_window_hours: 24,
        first_contact: "phone".into(),
        intake: vec!["webhook".into()],
        idempotency: "none".into(),
        ..Capabilities::default()
    }
}

impl Tenant<'_> {
    pub(crate) async fn go(
        &self,
        conversation: &str,
        channel: id::ChannelId,
        address: Option<&str>,
    ) -> Result<Conversation> {
        let request = MoveConversationRequest {
            id: conversation.into(),
            channel_id: channel.to_string(),
            address: address.map(str::to_owned),
        };
        let answer = self.conversations().move_conversation(self.signed(request)).await;
        answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
    }

    pub(crate) async fn begin(
        &self,
        channel: id::ChannelId,
        contact: Option<&str>,
        address: Option<&str>,
    ) -> Result<Conversation> {
        let request = StartConversationRequest {
            channel_id: channel.to_string(),
            contact_id: contact.map(str::to_owned),
            address: address.map(str::to_owned),
        };
        let answer = self.conversations().start_conversation(self.signed(request)).await;
        answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
    }

    pub(crate) async fn preview(&self, request: SendMessageRequest) -> Preview {
        let answer = self.send_request(SendMessageRequest { dry_run: true, ..request }).await.unwrap();
        assert_eq!(answer.id, "", "nothing was written");
        answer.preview.unwrap()
    }

    /// Waits until the service knows that this is what the channel can do.
    pub(crate) async fn knows(&self, conversation: &str, can: Capabilities) {
        self.rig.announce(self, can.clone()).await;
        let known = async {
            while self.conversation(conversation).await.reply.unwrap().capabilities.as_ref() != Some(&can) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), known).await.expect("it is heard");
    }
}

fn text(conversation: &str, text: &str) -> SendMessageRequest {
    SendMessageRequest { conversation_id: conversation.into(), text: text.into(), ..Default::default() }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_goes_on_over_another_channel_with_its_order_and_what_waits(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let other = tenant.second_channel("other").await;
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let contact = tenant.conversation(&conversation).await.contact.unwrap().id;
    let elsewhere = tenant.receive_on(other, person("anna-there"), "o1").await;
    let refused = tenant.go(&conversation, other, None).await.unwrap_err();
    assert_eq!(fault(&refused).0, "contact_must_begin", "it is not known that these two are one");
    tenant.merge(&contact, &elsewhere.author.unwrap().id).await.unwrap();
    let refused = tenant.go(&conversation, other, None).await.unwrap_err();
    assert_eq!(fault(&refused).0, "conversation_open_there");
    tenant.set_status(&elsewhere.conversation_id, "closed").await.unwrap();

    tenant.send(&conversation, "one").await.unwrap();
    let on_its_way = tenant.order().await;
    tenant.send(&conversation, "two").await.unwrap();
    let moved = tenant.go(&conversation, other, None).await.unwrap();
    assert_eq!((moved.id.as_str(), moved.channel.unwrap().id), (conversation.as_str(), other.to_string()));
    tenant.accepted(&on_its_way, &["p1"]).await;
    let next = tenant.order().await;
    assert_eq!((next.text.as_str(), next.thread_id.as_str()), ("two", "anna-there"));
    let shown = tenant
        .until_message(|message| message.text == "two" && message.channel_id == other.to_string())
        .await;
    assert_eq!(shown.conversation_id, conversation);

    // what the contact writes where they wrote before comes here, and answers follow them
    let back = tenant.receive("anna", "m2", "still here").await;
    assert_eq!((back.conversation_id.as_str(), back.seq), (conversation.as_str(), 4));
    let shown = tenant.conversation(&conversation).await;
    assert_eq!(shown.channel.unwrap().id, tenant.channel.to_string());
    let there = tenant.receive_on(other, person("anna-there"), "o2").await;
    assert_eq!((there.conversation_id, there.seq), (conversation, 5));
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_wants_it_has_one_conversation_over_all_channels_of_a_contact(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let other = tenant.second_channel("other").await;
    let first = tenant.receive("anna", "m1", "hello").await;
    let second = tenant.receive_on(other, person("anna-there"), "o1").await;
    tenant.merge(&first.author.unwrap().id, &second.author.unwrap().id).await.unwrap();
    tenant.set_status(&second.conversation_id, "closed").await.unwrap();
    let apart = tenant.receive_on(other, person("anna-there"), "o2").await;
    assert_ne!(apart.conversation_id, first.conversation_id, "each channel has its own by default");
    tenant.set_status(&apart.conversation_id, "closed").await.unwrap();

    let join = UpdateContactSettingsRequest { join_channels: Some(true), ..Default::default() };
    assert!(tenant.settings(join).await.join_channels);
    let joined = tenant.receive_on(other, person("anna-there"), "o3").await;
    assert_eq!((joined.conversation_id.as_str(), joined.seq), (first.conversation_id.as_str(), 2));
    tenant.send(&joined.conversation_id, "answer").await.unwrap();
    assert_eq!(tenant.order().await.thread_id, "anna-there", "answers go where the contact wrote last");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_never_wrote_is_written_to_under_their_number(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let known = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let sms = tenant.second_channel("sms").await;
    rig.announce(&tenant, Capabilities { reply_window_hours: 0, ..can() }).await;
    let heard = async {
        while tenant.conversation(&known).await.reply.unwrap().capabilities.is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), heard).await.expect("it is heard");

    let begun = tenant.begin(sms, None, Some("+44 20 7946 0958")).await.unwrap();
    let again = tenant.begin(sms, None, Some("+442079460958")).await.unwrap();
    assert_eq!(begun.id, again.id, "one conversation, however often it is begun");
    tenant.send(&begun.id, "hello").await.unwrap();
    let order = tenant.order().await;
    assert_eq!(order.thread_id, "+442079460958");
    // the channel gives what was begun a thread of its own, and calls the contact as before
    let moved = ThreadMoved { new_id: "t1".into(), contact_stays: true };
    let mut event = tenant.event(&order.thread_id, inbound::Event::Moved(moved));
    event.channel_id = sms.to_string();
    tenant.publish(event).await;
    let mut answer = tenant.message("+442079460958", "a1", "who is this?");
    answer.channel_id = sms.to_string();
    answer.thread.as_mut().unwrap().id = "t1".into();
    tenant.publish(answer).await;
    let answer = tenant.until_message(|message| message.provider_message_id.as_deref() == Some("a1")).await;
    assert_eq!(answer.conversation_id, begun.id);
    assert_eq!(answer.author.unwrap().id, begun.contact.unwrap().id);

    for (contact, address, reason, field) in [
        (None, None, "invalid_field", Some("contact_id")),
        (None, Some("nonsense"), "invalid_field", Some("address")),
        (Some("contact_01h455vb4pex5vsknk084sn02q"), None, "invalid_field", Some("contact_id")),
    ] {
        let refused = tenant.begin(sms, contact, address).await.unwrap_err();
        assert_eq!(fault(&refused), (reason, field));
    }
    let refused = tenant.begin(id::new(), None, Some("+442079460958")).await.unwrap_err();
    assert_eq!(fault(&refused), ("invalid_field", Some("channel_id")));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_will_not_go_is_said_before_sending(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.knows(&conversation, can()).await;
    let reply = tenant.conversation(&conversation).await.reply.unwrap();
    assert!(reply.allowed && reply.until.is_some() && !reply.unreachable, "{reply:?}");

    let preview = tenant.preview(text(&conversation, "It is split. It is too long for one.")).await;
    let parts: Vec<&str> = preview.parts.iter().map(|part| part.text.as_str()).collect();
    assert_eq!((preview.sendable, parts), (true, vec!["It is split.", "It is too long for", "one."]));
    let buttons = ["Yes", "No"]
        .map(|title| weft_proto::conversation::v1::Button { title: title.into(), ..Default::default() });
    let asks = SendMessageRequest { buttons: buttons.to_vec(), ..text(&conversation, "Well?") };
    let preview = tenant.preview(asks).await;
    assert_eq!(preview.parts[0].text, "Well?\n\n1. Yes\n2. No");
    assert_eq!(preview.warnings.len(), 1);
    let film = rig.files.add_of_size(tenant.id, "film.mp4", "video/mp4", 6_000_000);
    let image = rig.files.add_of_size(tenant.id, "large.png", "image/png", 6_000_000);
    let with = |file: &str| SendMessageRequest {
        attachments: vec![AttachmentRef { id: file.into() }],
        ..text(&conversation, "see")
    };
    let preview = tenant.preview(with(&film)).await;
    assert!(preview.sendable && preview.warnings[0].contains("film.mp4"), "{preview:?}");
    let preview = tenant.preview(with(&image)).await;
    assert_eq!((preview.sendable, preview.code.as_str()), (false, "file_too_large"));
    assert_eq!(tenant.messages(&conversation).await.len(), 1);
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_ends_is_known_before_sending_and_ends_what_waits(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.knows(&conversation, can()).await;
    rig.clock.advance(TimeDelta::hours(23));
    tenant.send(&conversation, "in time").await.unwrap();
    let order = tenant.order().await;
    let wrote = tenant.conversation(&conversation).await.contact_wrote_at.unwrap();
    assert_eq!(order.expires_at.unwrap().seconds, wrote.seconds + 24 * 3600, "later it would be refused");
    rig.clock.advance(TimeDelta::hours(2));
    let reply = tenant.conversation(&conversation).await.reply.unwrap();
    assert!(!reply.allowed && reply.reason.contains("24 hours"), "{reply:?}");
    let refused = tenant.send(&conversation, "too late").await.unwrap_err();
    assert_eq!(fault(&refused).0, "reply_window_closed");
    let preview = tenant.preview(text(&conversation, "too late")).await;
    assert_eq!((preview.sendable, preview.code.as_str()), (false, "reply_window_closed"));
    let note = SendMessageRequest { internal: true, ..text(&conversation, "among us") };
    tenant.send_request(note).await.unwrap();
    let person = Person { name: "Anna".into(), ..person("anna") };
    tenant.receive_on(tenant.channel, person, "m2").await;
    tenant.send(&conversation, "again").await.unwrap();
}
