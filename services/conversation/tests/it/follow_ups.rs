//! What a contact has not got goes over another channel of theirs.

use chrono::TimeDelta;
use rstest::rstest;
use weft_domain::id;
use weft_proto::{
    channel::v1::{Person, delivery_report},
    conversation::v1::{FollowUp, FollowUps, Message, UpdateContactSettingsRequest, message::State},
    directory::v1::Capabilities,
};

use crate::{
    adapter::{Tenant, person},
    agent::fault,
    rig::{Engine, Rig},
};

fn can() -> Capabilities {
    Capabilities {
        content: vec!["text".into()],
        max_text_chars: 1000,
        first_contact: "email".into(),
        delivered_receipts: true,
        ..Capabilities::default()
    }
}

fn follow_up(from: id::ChannelId, to: id::ChannelId, after_seconds: u32) -> FollowUp {
    FollowUp { from_channel_id: from.to_string(), to_channel_id: to.to_string(), after_seconds }
}

fn all(items: Vec<FollowUp>) -> UpdateContactSettingsRequest {
    UpdateContactSettingsRequest { follow_ups: Some(FollowUps { items }), ..Default::default() }
}

fn with_mail(id: &str) -> Person {
    Person { email: Some(format!("{id}@example.com")), claimed: true, ..person(id) }
}

impl Tenant<'_> {
    /// Sends a message, which the provider takes but does not deliver.
    async fn send_and_wait(&self, conversation: &str, text: &str) -> Message {
        self.send(conversation, text).await.unwrap();
        let order = self.order().await;
        self.accepted(&order, &[text]).await;
        self.until_message(|message| message.text == text && message.state() == State::Sent).await
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_delivered_in_time_goes_by_mail_with_the_conversation_and_comes_back_with_the_contact(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_channel(tenant.channel, "chat").await;
    let mail = tenant.second_channel("mail").await;
    let set = tenant.settings(all(vec![follow_up(tenant.channel, mail, 60)])).await;
    assert_eq!(set.follow_ups.unwrap().items[0].after_seconds, 60);
    let conversation = tenant.receive_on(tenant.channel, with_mail("anna"), "m1").await.conversation_id;
    tenant.knows(&conversation, can()).await;

    for text in ["one", "two", "three"] {
        tenant.send_and_wait(&conversation, text).await;
    }
    tenant.report("anna", "one", delivery_report::State::Delivered).await;
    tenant.settle("anna").await;
    rig.clock.advance(TimeDelta::seconds(61));
    // what was delivered stays where it is
    for text in ["two", "three"] {
        let order = tenant.order().await;
        assert_eq!((order.text.as_str(), order.thread_id.as_str()), (text, "anna@example.com"));
        tenant.accepted(&order, &[&format!("mail-{text}")]).await;
    }
    let by_mail = tenant
        .until_message(|message| {
            message.text == "three"
                && message.state() == State::Sent
                && message.channel_id == mail.to_string()
        })
        .await;
    assert_eq!((by_mail.conversation_id.as_str(), by_mail.seq), (conversation.as_str(), 4));
    assert_eq!(tenant.conversation(&conversation).await.channel.unwrap().id, mail.to_string());
    assert_eq!(tenant.seen_by("anna").await, ["hello", "one", "two", "three"], "the chat has them as well");

    // once is enough
    rig.clock.advance(TimeDelta::hours(1));
    tenant.settle("anna").await;
    tenant.no_more_orders().await;
    let back = tenant.receive("anna", "m2", "I am back").await;
    assert_eq!((back.conversation_id.as_str(), back.seq), (conversation.as_str(), 5));
    tenant.report("anna", "two", delivery_report::State::Read).await;
    tenant.until_message(|message| message.text == "two" && message.state() == State::Read).await;
    tenant.send(&conversation, "welcome").await.unwrap();
    assert_eq!(tenant.order().await.thread_id, "anna", "answers go where the contact wrote last");
    assert_eq!(rig.bus.dead_letters(0, 10).await.unwrap(), []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_back_does_not_go_by_mail(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_channel(tenant.channel, "chat").await;
    let mail = tenant.second_channel("mail").await;
    tenant.settings(all(vec![follow_up(tenant.channel, mail, 60)])).await;
    let conversation = tenant.receive_on(tenant.channel, with_mail("anna"), "m1").await.conversation_id;
    tenant.knows(&conversation, can()).await;
    let secret = tenant.send_and_wait(&conversation, "secret").await;
    tenant.send_and_wait(&conversation, "are you there?").await;
    tenant.delete(&secret, "").await.unwrap();
    rig.clock.advance(TimeDelta::seconds(61));
    assert_eq!(tenant.order().await.text, "are you there?");
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_blocked_contact_did_not_get_stays_where_it_is(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_channel(tenant.channel, "chat").await;
    let mail = tenant.second_channel("mail").await;
    tenant.settings(all(vec![follow_up(tenant.channel, mail, 60)])).await;
    let first = tenant.receive_on(tenant.channel, with_mail("anna"), "m1").await;
    let conversation = first.conversation_id;
    tenant.knows(&conversation, can()).await;
    tenant.send_and_wait(&conversation, "are you there?").await;
    tenant.block(&first.author.unwrap().id, true).await;
    rig.clock.advance(TimeDelta::seconds(61));
    let kept = tenant
        .until_message(|message| message.text == "are you there?" && !message.state_reason().is_empty())
        .await;
    assert_eq!(kept.state(), State::Sent);
    assert!(kept.state_reason().contains("blocked"), "{kept:?}");
    assert_eq!(tenant.conversation(&conversation).await.channel.unwrap().id, tenant.channel.to_string());
    tenant.no_more_orders().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_last_answer_of_a_closed_conversation_goes_by_mail_too(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_channel(tenant.channel, "chat").await;
    let mail = tenant.second_channel("mail").await;
    // back and forth: a message goes each way once
    let both = vec![follow_up(tenant.channel, mail, 60), follow_up(mail, tenant.channel, 60)];
    tenant.settings(all(both)).await;
    let conversation = tenant.receive_on(tenant.channel, with_mail("anna"), "m1").await.conversation_id;
    tenant.knows(&conversation, can()).await;
    tenant.send_and_wait(&conversation, "goodbye").await;
    tenant.set_status(&conversation, "closed").await.unwrap();
    rig.clock.advance(TimeDelta::seconds(61));
    let order = tenant.order().await;
    assert_eq!(order.thread_id, "anna@example.com");
    tenant.accepted(&order, &["mail-1"]).await;
    tenant
        .until_message(|message| message.state() == State::Sent && message.channel_id == mail.to_string())
        .await;
    rig.clock.advance(TimeDelta::seconds(61));
    let next = tenant.receive("bert", "m2", "hello").await.conversation_id;
    tenant.send(&next, "to bert").await.unwrap();
    assert_eq!(tenant.order().await.text, "to bert");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_cannot_follow_says_why_and_holds_nothing_up(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_channel(tenant.channel, "chat").await;
    let mail = tenant.second_channel("mail").await;
    tenant.settings(all(vec![follow_up(tenant.channel, mail, 60)])).await;
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.knows(&conversation, can()).await;
    tenant.send_and_wait(&conversation, "one").await;
    rig.clock.advance(TimeDelta::seconds(61));
    let said = tenant.until_message(|message| message.text == "one" && message.state_reason.is_some()).await;
    assert_eq!(said.state(), State::Sent);
    assert!(said.state_reason.unwrap().contains("the contact has no e-mail address yet"));
    assert_eq!(tenant.conversation(&conversation).await.channel.unwrap().id, tenant.channel.to_string());

    // as soon as the address is known, the next one goes
    tenant.receive_on(tenant.channel, with_mail("anna"), "m2").await;
    tenant.send_and_wait(&conversation, "two").await;
    rig.clock.advance(TimeDelta::seconds(61));
    assert_eq!(tenant.order().await.thread_id, "anna@example.com");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_turn_goes_on_when_the_contact_gets_a_message_while_it_fails_elsewhere(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_channel(tenant.channel, "chat").await;
    let mail = tenant.second_channel("mail").await;
    tenant.settings(all(vec![follow_up(tenant.channel, mail, 60)])).await;
    let conversation = tenant.receive_on(tenant.channel, with_mail("anna"), "m1").await.conversation_id;
    tenant.knows(&conversation, can()).await;
    tenant.send_and_wait(&conversation, "one").await;
    rig.clock.advance(TimeDelta::seconds(61));
    let by_mail = tenant.order().await;
    tenant.started(&by_mail, false).await;
    tenant.report("anna", "one", delivery_report::State::Delivered).await;
    tenant.ended(&by_mail, weft_proto::channel::v1::attempt_ended::Result::Rejected).await;
    tenant.send(&conversation, "two").await.unwrap();
    assert_eq!(tenant.order().await.text, "two");
    let one = tenant.messages(&conversation).await.into_iter().find(|message| message.text == "one").unwrap();
    assert_eq!(one.state(), State::Delivered);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn follow_ups_name_channels_of_the_tenant_and_a_time() {
    let rig = Rig::new(Engine::Sqlite).await;
    let (tenant, stranger) = (rig.tenant(), rig.tenant());
    tenant.tell_channel(tenant.channel, "chat").await;
    let mail = tenant.second_channel("mail").await;
    let theirs = stranger.second_channel("mail").await;
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let from = tenant.channel;
    let table = [
        (vec![follow_up(from, mail, 29)], "after_seconds"),
        (vec![follow_up(from, mail, 43_201)], "after_seconds"),
        (vec![follow_up(from, theirs, 60)], "to_channel_id"),
        (vec![follow_up(from, from, 60)], "to_channel_id"),
        (vec![FollowUp { to_channel_id: "nonsense".into(), ..follow_up(from, mail, 60) }], "to_channel_id"),
        (vec![FollowUp { from_channel_id: String::new(), ..follow_up(from, mail, 60) }], "from_channel_id"),
    ];
    tenant.knows(&conversation, can()).await;
    for (items, field) in table {
        let refused = tenant.change_settings(all(items.clone())).await.unwrap_err();
        let named = format!("follow_ups.items[0].{field}");
        assert_eq!(fault(&refused), ("invalid_field", Some(named.as_str())), "{items:?}");
    }
    let twice = vec![follow_up(from, mail, 60), follow_up(from, mail, 90)];
    let refused = tenant.change_settings(all(twice)).await.unwrap_err();
    assert_eq!(fault(&refused), ("invalid_field", Some("follow_ups.items[1].from_channel_id")));
    let many = vec![follow_up(from, mail, 60); 101];
    let refused = tenant.change_settings(all(many)).await.unwrap_err();
    assert_eq!(fault(&refused), ("invalid_field", Some("follow_ups.items")));

    let kept = tenant.settings(all(vec![follow_up(from, mail, 0)])).await.follow_ups.unwrap().items;
    assert_eq!(kept, [follow_up(from, mail, 300)]);
    let untouched = tenant.settings(UpdateContactSettingsRequest::default()).await.follow_ups.unwrap().items;
    assert_eq!(untouched, kept);
    assert_eq!(tenant.settings(all(Vec::new())).await.follow_ups.unwrap().items, []);
}

#[rstest]
#[case::from_one_that_tells_nothing(Capabilities { delivered_receipts: false, ..can() }, "from_channel_id")]
#[case::to_one_that_waits_for_the_contact(Capabilities { first_contact: String::new(), ..can() }, "to_channel_id")]
#[tokio::test(flavor = "multi_thread")]
async fn follow_ups_need_channels_that_can_do_it(#[case] able: Capabilities, #[case] field: &str) {
    let rig = Rig::new(Engine::Sqlite).await;
    let tenant = rig.tenant();
    tenant.tell_channel(tenant.channel, "chat").await;
    let mail = tenant.second_channel("mail").await;
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.knows(&conversation, able).await;
    let refused = tenant.change_settings(all(vec![follow_up(tenant.channel, mail, 60)])).await.unwrap_err();
    assert_eq!(fault(&refused).1, Some(format!("follow_ups.items[0].{field}").as_str()));
}
