//! One person on several channels: suggestions, merges, and conversations that go over them.

use chrono::Utc;
use rstest::rstest;
use tonic::Request;
use weft_auth::{Principal, Subject};
use weft_bus::{Event, Stream};
use weft_domain::{Clock, Role, id};
use weft_proto::{
    channel::v1::{Inbound, MessageReceived, Person, inbound},
    conversation::v1::{
        ContactSettings, CreateContactRequest, DismissMergeSuggestionRequest, ListMergeSuggestionsRequest,
        Merge, MergeContactsRequest, MergeSuggestion, UndoMergeRequest, UpdateContactRequest,
        UpdateContactSettingsRequest,
    },
    convert::timestamp,
    directory::v1::{Capabilities, Channel, ChannelKind},
    events::v1::{ChannelCreated, ChannelkindAnnounced, ContactUpdated, ConversationUpdated},
    json,
};

use crate::{
    adapter::{KIND, Tenant, direct, words},
    agent::{Contact, Message, fault},
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    /// Another channel of the same tenant and kind, of which the directory has told.
    pub(crate) async fn second_channel(&self, name: &str) -> id::ChannelId {
        let channel: id::ChannelId = id::new();
        self.tell_channel(channel, name).await;
        channel
    }

    /// The directory tells of a channel.
    pub(crate) async fn tell_channel(&self, channel: id::ChannelId, name: &str) {
        let told =
            Channel { id: channel.to_string(), kind: KIND.into(), name: name.into(), ..Channel::default() };
        let event = ChannelCreated { channel: Some(told) };
        let event = Event {
            kind: "weft.v1.channel.created".into(),
            subject: format!("weft.events.{}.channel.created", self.id),
            key: channel.to_string(),
            ..self.raw("", json::encode(&event).unwrap())
        };
        self.rig.bus.publish(Stream::Events, event).await.unwrap();
    }

    /// A message on any channel of this tenant.
    pub(crate) async fn receive_on(&self, channel: id::ChannelId, person: Person, id: &str) -> Message {
        let message = inbound::Event::Message(words(id, "hello"));
        let mut event = Inbound {
            channel_id: channel.to_string(),
            occurred_at: Some(timestamp(self.rig.clock.now())),
            ..self.event(&person.id, message)
        };
        if let Some(thread) = &mut event.thread {
            thread.contact = Some(person);
        }
        self.publish(event).await;
        self.until_message(|message| message.provider_message_id.as_deref() == Some(id)).await
    }

    async fn suggestions(&self) -> Vec<MergeSuggestion> {
        let request = self.signed(ListMergeSuggestionsRequest::default());
        self.contacts().list_merge_suggestions(request).await.unwrap().into_inner().items
    }

    pub(crate) async fn merge(&self, kept: &str, other: &str) -> weft_domain::Result<Merge> {
        let request = MergeContactsRequest { id: kept.into(), other: other.into() };
        let answer = self.contacts().merge_contacts(self.signed(request)).await;
        answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
    }

    pub(crate) async fn undo(&self, merge: &str) -> weft_domain::Result<Merge> {
        let answer = self.contacts().undo_merge(self.signed(UndoMergeRequest { id: merge.into() })).await;
        answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
    }

    async fn create(&self, email: &str, phone: &str) -> weft_domain::Result<Contact> {
        let request = CreateContactRequest {
            name: "Ada".into(),
            email: Some(email.into()),
            phone: Some(phone.into()),
            ..Default::default()
        };
        let answer = self.contacts().create_contact(self.signed(request)).await;
        answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
    }

    pub(crate) async fn settings(&self, change: UpdateContactSettingsRequest) -> ContactSettings {
        self.change_settings(change).await.unwrap()
    }

    pub(crate) async fn change_settings(
        &self,
        change: UpdateContactSettingsRequest,
    ) -> weft_domain::Result<ContactSettings> {
        let subject = Subject::User(self.user, id::new());
        let principal =
            Principal { tenant: self.id, subject, role: Role::Admin, scopes: None, issued_at: Utc::now() };
        let mut request = Request::new(change);
        let token = format!("Bearer {}", self.rig.signer.sign(&principal).unwrap());
        request.metadata_mut().insert("authorization", token.parse().unwrap());
        let answer = self.contacts().update_contact_settings(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
    }
}

impl Rig {
    /// An adapter announces what its kind can do, and the service has heard it.
    pub(crate) async fn announce(&self, tenant: &Tenant<'_>, capabilities: Capabilities) {
        let kind =
            ChannelKind { kind: KIND.into(), capabilities: Some(capabilities), ..ChannelKind::default() };
        let nil = id::from_uuid::<id::Tenant>(uuid::Uuid::nil()).to_string();
        let event = Event {
            kind: "weft.v1.channelkind.announced".into(),
            subject: format!("weft.events.{nil}.channelkind.announced"),
            key: "channelkind:test".into(),
            tenant: Some(nil),
            ..tenant.raw("", json::encode(&ChannelkindAnnounced { kind: Some(kind) }).unwrap())
        };
        self.bus.publish(Stream::Events, event).await.unwrap();
    }
}

pub(crate) fn with_phone(id: &str, phone: &str) -> Person {
    Person { id: id.into(), name: id.into(), phone: Some(phone.into()), ..Person::default() }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_shares_a_number_is_suggested_with_evidence_and_never_merged_by_itself(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let other = tenant.second_channel("other").await;
    // Mexico: one number, written in the old and in the new way
    let first = tenant.receive_on(tenant.channel, with_phone("5215512345678", "+5215512345678"), "m1").await;
    let second = tenant.receive_on(other, with_phone("+525512345678", "+52 55 1234 5678"), "m2").await;
    assert_ne!(first.author.clone().unwrap().id, second.author.clone().unwrap().id);
    let [suggestion] = &tenant.suggestions().await[..] else { panic!("one suggestion") };
    let ids: Vec<&str> = suggestion.contacts.iter().map(|contact| contact.id.as_str()).collect();
    assert_eq!(ids, [first.author.unwrap().id, second.author.unwrap().id]);
    let [evidence] = &suggestion.evidence[..] else { panic!("one piece of evidence") };
    assert_eq!(
        (evidence.kind.as_str(), evidence.value.as_str(), evidence.verified),
        ("phone", "+525512345678", true)
    );

    let request = DismissMergeSuggestionRequest { id: suggestion.id.clone() };
    let dismissed = tenant.contacts().dismiss_merge_suggestion(tenant.signed(request)).await.unwrap();
    assert_eq!(dismissed.into_inner().contacts.len(), 2);
    assert_eq!(tenant.suggestions().await, []);
    // the same evidence once more suggests nothing
    tenant.receive_on(other, with_phone("+525512345678", "+525512345678"), "m3").await;
    assert_eq!(tenant.suggestions().await, []);
    assert_eq!(rig.tenant().suggestions().await, [], "another tenant sees nothing of it");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_said_of_themselves_is_evidence_that_nobody_vouches_for(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.create("Ada@Example.com", "").await.unwrap();
    let visitor =
        Person { email: Some("ada@example.COM".into()), claimed: true, ..with_phone("visitor", "") };
    tenant.receive_on(tenant.channel, visitor, "m1").await;
    let [suggestion] = &tenant.suggestions().await[..] else { panic!("one suggestion") };
    let evidence = &suggestion.evidence[0];
    assert_eq!(
        (evidence.kind.as_str(), evidence.value.as_str(), evidence.verified),
        ("email", "ada@example.com", false)
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_kept_in_one_shape_and_wrong_ones_are_refused_by_name(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let contact = tenant.create(" Ada@Example.com ", "+44 20 7946 0958").await.unwrap();
    assert_eq!(contact.email.as_deref(), Some("ada@example.com"));
    assert_eq!(contact.phone.as_deref(), Some("+442079460958"));
    for (email, phone, field) in [("ada", "", "email"), ("", "020 7946 0958", "phone"), ("", "12", "phone")] {
        assert_eq!(fault(&tenant.create(email, phone).await.unwrap_err()), ("invalid_field", Some(field)));
    }
    let settings = tenant
        .settings(UpdateContactSettingsRequest { country: Some("gb".into()), ..Default::default() })
        .await;
    assert_eq!(settings.country, "GB");
    let contact = tenant.create("", "020 7946 0000").await.unwrap();
    assert_eq!(contact.phone.as_deref(), Some("+442079460000"));
    let change = UpdateContactRequest { id: contact.id, phone: Some(String::new()), ..Default::default() };
    let changed = tenant.contacts().update_contact(tenant.signed(change)).await.unwrap().into_inner();
    assert_eq!(changed.phone, None);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_merge_takes_everything_along_and_its_undoing_gives_everything_back(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let other = tenant.second_channel("other").await;
    let anna = tenant.receive("anna", "m1", "hello").await;
    let same = tenant.receive_on(other, with_phone("+442079460958", "+442079460958"), "m2").await;
    let (kept, merged) = (anna.author.unwrap().id, same.author.unwrap().id);

    let merge = tenant.merge(&kept, &merged).await.unwrap();
    let contact = merge.contact.unwrap();
    assert_eq!((contact.id.as_str(), contact.identities.len()), (kept.as_str(), 2));
    assert_eq!(contact.phone.as_deref(), Some("+442079460958"), "what was missing is taken over");
    let gone = tenant.contact(&merged).await;
    assert_eq!((gone.merged_into.as_deref(), gone.identities.len()), (Some(kept.as_str()), 0));
    assert_eq!(tenant.conversation(&same.conversation_id).await.contact.unwrap().id, kept);
    let moved = |event: &ConversationUpdated| {
        let conversation = event.conversation.as_ref().unwrap();
        conversation.id == same.conversation_id && conversation.contact.as_ref().unwrap().id == kept
    };
    tenant.until("the conversation's move", moved).await;
    tenant
        .until("the tombstone", |event: &ContactUpdated| {
            event.contact.as_ref().unwrap().merged_into.is_some()
        })
        .await;
    let answer = tenant.receive_on(other, with_phone("+442079460958", "+442079460958"), "m3").await;
    assert_eq!(answer.author.unwrap().id, kept, "who writes there now is the one contact");
    assert_eq!(fault(&tenant.merge(&kept, &merged).await.unwrap_err()).0, "contact_merged");
    assert_eq!(fault(&tenant.merge(&kept, &kept).await.unwrap_err()).0, "same_contact");
    let stranger = rig.tenant().receive("anna", "m1", "hello").await.author.unwrap().id;
    assert_eq!(fault(&tenant.merge(&kept, &stranger).await.unwrap_err()), ("invalid_field", Some("other")));

    // a conversation that began since, through the other's identity
    tenant.set_status(&same.conversation_id, "closed").await.unwrap();
    let since = tenant.receive_on(other, with_phone("+442079460958", "+442079460958"), "m4").await;
    assert_ne!(since.conversation_id, same.conversation_id);
    let undone = tenant.undo(&merge.id).await.unwrap();
    assert!(undone.undone_at.is_some());
    let back = tenant.contact(&merged).await;
    assert_eq!((back.merged_into, back.identities.len()), (None, 1));
    assert_eq!(tenant.contact(&kept).await.phone, None, "what was taken over is given back");
    for conversation in [&same.conversation_id, &since.conversation_id] {
        assert_eq!(tenant.conversation(conversation).await.contact.unwrap().id, merged);
    }
    assert_eq!(tenant.conversation(&anna.conversation_id).await.contact.unwrap().id, kept);
    assert!(tenant.undo(&merge.id).await.unwrap().undone_at.is_some(), "undone once is undone");
    assert_eq!(tenant.suggestions().await, [], "who was parted is not suggested again");
    assert_eq!(fault(&rig.tenant().undo(&merge.id).await.unwrap_err()).0, "not_found");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn merges_are_undone_the_last_first(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let mut ids = Vec::new();
    for name in ["anna", "bert", "cleo"] {
        ids.push(tenant.receive(name, name, "hello").await.author.unwrap().id);
    }
    let first = tenant.merge(&ids[1], &ids[2]).await.unwrap();
    let second = tenant.merge(&ids[0], &ids[1]).await.unwrap();
    assert_eq!(second.contact.unwrap().identities.len(), 3);
    let refused = tenant.undo(&first.id).await.unwrap_err();
    assert_eq!(fault(&refused).0, "contact_merged");
    assert!(refused.message().contains(&second.id), "{refused}");
    tenant.undo(&second.id).await.unwrap();
    tenant.undo(&first.id).await.unwrap();
    for id in &ids {
        assert_eq!(tenant.contact(id).await.identities.len(), 1);
    }
}

/// A mail thread: its id is not the person's.
pub(crate) fn matter(tenant: &Tenant<'_>, thread: &str, id: &str, title: &str) -> Inbound {
    let message = MessageReceived { id: id.into(), text: "hello".into(), ..MessageReceived::default() };
    let mut event = tenant.event("ada@example.com", inbound::Event::Message(message));
    event.thread = Some(weft_proto::channel::v1::Thread {
        id: thread.into(),
        title: title.into(),
        ..direct("ada@example.com")
    });
    event
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_person_has_a_conversation_for_each_thread_of_a_channel(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    for (thread, id, title) in [("t1", "m1", "Invoice"), ("t2", "m2", "Delivery"), ("t1", "m3", "Invoice")] {
        tenant.publish(matter(&tenant, thread, id, title)).await;
        tenant.until_message(|message| message.provider_message_id.as_deref() == Some(id)).await;
    }
    let mut all = tenant.all().await;
    all.sort_by(|one, other| one.title.cmp(&other.title));
    let shown: Vec<_> = all.iter().map(|one| (one.title.as_str(), one.last_seq)).collect();
    assert_eq!(shown, [("Delivery", 1), ("Invoice", 2)]);
    assert_eq!(all[0].contact.as_ref().unwrap().id, all[1].contact.as_ref().unwrap().id);
    tenant.send(&all[1].id, "about the invoice").await.unwrap();
    assert_eq!(tenant.order().await.thread_id, "t1");
}
