//! What was said, and who, is found.

use std::time::Duration;

use chrono::TimeDelta;
use rstest::rstest;
use weft_domain::{Clock, Result};
use weft_proto::{
    channel::v1::{Media, MessageEdited, MessageReceived, inbound},
    conversation::v1::{
        Contact, CreateContactRequest, Hit, SearchRequest, SearchResponse, SendMessageRequest,
        search_client::SearchClient,
    },
    convert::timestamp,
};
use weft_testkit::eventually;

use crate::{
    adapter::{Tenant, words},
    agent::{UpdateConversationRequest, answer, fault},
    rig::{Engine, Rig},
};

pub(crate) fn q(text: &str) -> SearchRequest {
    SearchRequest { q: text.into(), ..Default::default() }
}

pub(crate) fn texts(hits: &[Hit]) -> Vec<String> {
    hits.iter().filter_map(|hit| hit.message.as_ref()).map(|message| message.text.clone()).collect()
}

impl Tenant<'_> {
    pub(crate) async fn search(&self, request: SearchRequest) -> Result<SearchResponse> {
        let mut client = SearchClient::new(self.rig.channel.clone());
        answer(client.search(self.signed(request)).await)
    }

    pub(crate) async fn found(&self, request: SearchRequest) -> Vec<Hit> {
        self.search(request).await.unwrap().items
    }

    /// Waits until what is found is as wanted: the search follows by its own consumer.
    pub(crate) async fn until_found(
        &self,
        request: SearchRequest,
        fits: impl Fn(&[Hit]) -> bool,
    ) -> Vec<Hit> {
        let what = format!("the search for {request:?}");
        eventually(&what, Duration::from_secs(20), async || {
            let hits = self.found(request.clone()).await;
            fits(&hits).then_some(hits)
        })
        .await
    }

    pub(crate) async fn meet(&self, name: &str, phone: Option<&str>, email: Option<&str>) -> Contact {
        let request = CreateContactRequest {
            name: name.into(),
            phone: phone.map(str::to_owned),
            email: email.map(str::to_owned),
            language: None,
        };
        answer(self.contacts().create_contact(self.signed(request)).await).unwrap()
    }

    async fn note(&self, conversation: &str, text: &str) {
        let conversation_id = conversation.into();
        let request =
            SendMessageRequest { conversation_id, text: text.into(), internal: true, ..Default::default() };
        self.send_request(request).await.unwrap();
    }
}

fn one(hits: &[Hit]) -> bool {
    hits.len() == 1
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_found_as_it_is_now_and_not_when_it_is_gone(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (tenant, other) = (rig.tenant(), rig.tenant());
    let message = tenant.receive("anna", "m1", "My parcels never arrived").await;
    let hits = tenant.until_found(q("parcel arrive"), one).await;
    let hit = &hits[0];
    assert_eq!(hit.message.as_ref().unwrap().id, message.id);
    assert_eq!(hit.conversation.as_ref().unwrap().id, message.conversation_id);
    assert_eq!(hit.conversation.as_ref().unwrap().contact.as_ref().unwrap().name, "name of anna");
    let snippet = hit.snippet.as_ref().unwrap();
    let ranges: Vec<_> = snippet.ranges.iter().map(|range| (range.start, range.length)).collect();
    assert_eq!((snippet.from.as_str(), snippet.text.as_str()), ("text", "My parcels never arrived"));
    assert_eq!(ranges, [(3, 7), (17, 7)]);
    other.receive("anna", "m1", "somebody else's parcel").await;
    assert_eq!(texts(&other.until_found(q("parcel"), one).await), ["somebody else's parcel"]);
    assert_eq!(texts(&tenant.found(q("parcel")).await), ["My parcels never arrived"]);

    let edited = MessageEdited { message: Some(words("m1", "My suitcase never arrived")) };
    tenant.tell("anna", inbound::Event::Edited(edited)).await;
    tenant.until_found(q("suitcase"), one).await;
    assert_eq!(tenant.found(q("parcel")).await, []);

    let ours = tenant.send(&message.conversation_id, "The suitcases are on their way").await.unwrap();
    tenant.until_found(q("suitcase"), |hits| hits.len() == 2).await;
    tenant.delete(&ours, "me").await.unwrap();
    assert_eq!(
        texts(&tenant.found(q("suitcase")).await),
        ["My suitcase never arrived"],
        "out of one's sight"
    );
    tenant.delete(&ours, "everyone").await.unwrap();
    assert_eq!(tenant.found(q("way")).await, []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn other_forms_beginnings_numbers_notes_and_files_are_found(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let conversation = tenant.receive("a", "m1", "The deliveries of A-17-B were late").await.conversation_id;
    tenant.receive("a", "m2", "Bitte schicken Sie mir die Rechnungen für März noch einmal").await;
    tenant.receive("a", "m3", "Отправьте, пожалуйста, мои документы на новый адрес").await;
    tenant.receive("a", "m4", "明日の会議は三時からです").await;
    tenant.receive("a", "m5", "Reach me at +49 171 2345678").await;
    let media =
        Media { name: "Contract final.pdf".into(), mime: "application/pdf".into(), ..Media::default() };
    let files = MessageReceived { id: "m6".into(), media: vec![media], ..MessageReceived::default() };
    tenant.tell("a", inbound::Event::Message(files)).await;
    tenant.note(&conversation, "He is a difficult customer").await;
    tenant.until_found(q("difficult customer"), one).await;
    let table = [
        ("delivery", "The deliveries"),
        ("a-17-b", "The deliveries"),
        ("deliv", "The deliveries"),
        ("rechnung", "Bitte"),
        ("marz rechn", "Bitte"),
        ("документ", "Отправьте"),
        ("会議", "明日"),
        ("0171 2345", "Reach"),
        ("5678", "Reach"),
        ("contract", ""),
        ("DIFFICULT", "He is"),
    ];
    for (text, begins) in table {
        let hits = tenant.found(SearchRequest { kind: Some("message".into()), ..q(text) }).await;
        assert_eq!(hits.len(), 1, "{text}");
        assert!(texts(&hits)[0].starts_with(begins), "{text}");
        assert!(!hits[0].snippet.as_ref().unwrap().ranges.is_empty(), "{text}");
    }
    let of = |kind: &str, text: &str| SearchRequest { kind: Some(kind.into()), ..q(text) };
    assert_eq!(tenant.found(of("file", "contract")).await[0].snippet.as_ref().unwrap().from, "file");
    assert_eq!(tenant.found(of("file", "delivery")).await, []);
    assert_eq!(tenant.found(of("note", "difficult")).await.len(), 1);
    assert_eq!(tenant.found(of("note", "delivery")).await, []);
    assert_eq!(tenant.found(SearchRequest { file_type: Some("PDF".into()), ..q("final") }).await.len(), 1);
    assert_eq!(tenant.found(SearchRequest { file_type: Some("image".into()), ..q("final") }).await, []);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn people_are_found_by_names_with_a_typo_and_by_any_part_of_their_numbers(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.meet("Jonathan Müller", Some("+49 171 2345678"), Some("jm@example.com")).await;
    tenant.meet("Joan Miller", None, None).await;
    let people = |text: &str| SearchRequest { kind: Some("contact".into()), ..q(text) };
    tenant.until_found(people("jo"), |hits| hits.len() == 2).await;
    let table = [
        ("jonathan", "Jonathan Müller"),
        ("jonatan mueller", "Jonathan Müller"),
        ("Muler jon", "Jonathan Müller"),
        ("0171 2345", "Jonathan Müller"),
        ("+491712345678", "Jonathan Müller"),
        ("jm@example.com", "Jonathan Müller"),
        ("joan", "Joan Miller"),
        ("Jaon", "Joan Miller"),
    ];
    for (text, name) in table {
        let hits = tenant.found(people(text)).await;
        let names: Vec<_> = hits.iter().map(|hit| hit.contact.as_ref().unwrap().name.as_str()).collect();
        assert_eq!(names, [name], "{text}");
    }
    let best = tenant.found(people("muller")).await;
    let names: Vec<_> = best.iter().map(|hit| hit.contact.as_ref().unwrap().name.as_str()).collect();
    assert_eq!(names, ["Jonathan Müller", "Joan Miller"], "what is exact comes before what is near");
    tenant.receive("b", "m1", "Is Jonathan there?").await;
    let both = tenant.until_found(q("jonathan"), |hits| hits.len() == 2).await;
    assert!(both[0].contact.is_some() && both[1].message.is_some());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_search_is_narrowed_to_conversations_channels_and_times(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (tenant, other) = (rig.tenant(), rig.tenant());
    let a = tenant.receive("a", "m1", "refund one").await;
    let b = tenant.receive("b", "m2", "refund two").await;
    tenant.until_found(q("refund"), |hits| hits.len() == 2).await;
    tenant.tell_user(tenant.user, "Ann", false).await;
    let change = UpdateConversationRequest {
        id: a.conversation_id.clone(),
        status: Some("pending".into()),
        priority: Some("high".into()),
        add_tags: vec!["vip".into()],
        ..Default::default()
    };
    tenant.update(change).await.unwrap();
    tenant.mark_read(&b.conversation_id, None).await;
    let contact = tenant.conversation(&a.conversation_id).await.contact.unwrap().id;
    let at = |seconds: i64| Some(timestamp(rig.clock.now() + TimeDelta::seconds(seconds)));
    let some = |text: &str| Some(text.to_owned());
    let refund = || q("refund");
    let (one, two, both): (&[&str], &[&str], &[&str]) =
        (&["refund one"], &["refund two"], &["refund two", "refund one"]);
    let table = [
        (SearchRequest { status: some("pending"), ..refund() }, one),
        (SearchRequest { status: some("closed"), ..refund() }, &[]),
        (SearchRequest { priority: some("high"), ..refund() }, one),
        (SearchRequest { tag: some("VIP"), ..refund() }, one),
        (SearchRequest { assignee: some("none"), ..refund() }, both),
        (SearchRequest { assignee: some("me"), ..refund() }, &[]),
        (SearchRequest { unread: Some(true), ..refund() }, one),
        (SearchRequest { unread: Some(false), ..refund() }, two),
        (SearchRequest { contact: Some(contact.clone()), ..refund() }, one),
        (SearchRequest { conversation: Some(b.conversation_id.clone()), ..refund() }, two),
        (SearchRequest { channel: Some(tenant.channel.to_string()), ..refund() }, both),
        (SearchRequest { channel: Some(other.channel.to_string()), ..refund() }, &[]),
        (SearchRequest { after: at(-60), before: at(60), ..refund() }, both),
        (SearchRequest { after: at(60), ..refund() }, &[]),
        (SearchRequest { before: at(-60), ..refund() }, &[]),
        (SearchRequest { sort: some("relevance"), ..q("one refund") }, one),
    ];
    for (request, expected) in table {
        let shown = format!("{request:?}");
        assert_eq!(texts(&tenant.found(request).await), expected, "{shown}");
    }
    let foreign = SearchRequest { contact: Some(contact), ..refund() };
    assert_eq!(other.found(foreign).await, []);
    let wrong = [
        (SearchRequest { kind: some("x"), ..refund() }, "kind"),
        (SearchRequest { status: some("x"), ..refund() }, "status"),
        (SearchRequest { sort: some("x"), ..refund() }, "sort"),
        (SearchRequest { assignee: some("x"), ..refund() }, "assignee"),
        (SearchRequest { channel: some("x"), ..refund() }, "channel"),
        (SearchRequest { file_type: some("."), ..refund() }, "file_type"),
        (SearchRequest { page_token: "x".into(), ..refund() }, "page_token"),
        (q("?!"), "q"),
    ];
    for (request, field) in wrong {
        assert_eq!(fault(&tenant.search(request).await.unwrap_err()).1, Some(field));
    }
}
