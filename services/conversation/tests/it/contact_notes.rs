//! What our side knows of contacts, and all there was with them.

use chrono::TimeDelta;
use rstest::rstest;
use tonic::transport::Channel;
use weft_domain::{Result, Role};
use weft_proto::{
    conversation::v1::{
        ContactNote, CreateContactNoteRequest, DeleteContactNoteRequest, DeleteMessageRequest,
        ListContactNotesRequest, ListContactTimelineRequest, TimelineEntry, UpdateContactNoteRequest,
        contact_notes_client::ContactNotesClient, contact_timeline_client::ContactTimelineClient,
        timeline_entry::conversation_changed::Change,
    },
    events::v1::ContactNoteUpdated,
};

use crate::{
    adapter::Tenant,
    agent::{answer, fault},
    people::with_phone,
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    fn notes_client(&self) -> ContactNotesClient<Channel> {
        ContactNotesClient::new(self.rig.channel.clone())
    }

    pub(crate) async fn note_on(&self, contact: &str, text: &str) -> Result<ContactNote> {
        let request = CreateContactNoteRequest { contact_id: contact.into(), text: text.into() };
        answer(self.notes_client().create_contact_note(self.signed(request)).await)
    }

    async fn change_note(&self, note: &ContactNote, text: &str) -> Result<ContactNote> {
        let (contact_id, id) = (note.contact_id.clone(), note.id.clone());
        let request = UpdateContactNoteRequest { contact_id, id, text: text.into() };
        answer(self.notes_client().update_contact_note(self.signed(request)).await)
    }

    async fn delete_note(&self, note: &ContactNote) -> Result<ContactNote> {
        let (contact_id, id) = (note.contact_id.clone(), note.id.clone());
        let request = DeleteContactNoteRequest { contact_id, id };
        answer(self.notes_client().delete_contact_note(self.signed(request)).await)
    }

    /// The words of all notes on a contact, page by page.
    async fn notes(&self, contact: &str) -> Vec<String> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListContactNotesRequest { contact_id: contact.into(), page_size: 2, page_token };
            let page = answer(self.notes_client().list_contact_notes(self.signed(request)).await).unwrap();
            all.extend(page.items.into_iter().map(|note| note.text));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }

    /// All that happened with a contact, in pages of so many.
    pub(crate) async fn timeline(
        &self,
        contact: &str,
        page_size: u32,
        kind: Option<&str>,
    ) -> Vec<TimelineEntry> {
        let mut client = ContactTimelineClient::new(self.rig.channel.clone());
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let kind = kind.map(str::to_owned);
            let request =
                ListContactTimelineRequest { contact_id: contact.into(), page_size, page_token, kind };
            let page = answer(client.list_contact_timeline(self.signed(request)).await).unwrap();
            all.extend(page.items);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }
}

/// What an entry is, in a word or two.
fn word(entry: &TimelineEntry) -> String {
    let mut words: Vec<String> = Vec::new();
    words.extend(entry.message.as_ref().map(|message| message.text.clone()));
    words.extend(entry.note.as_ref().map(|note| format!("note: {}", note.text)));
    words.extend(entry.conversation.as_ref().map(|changed| changed.change().as_str_name().to_owned()));
    words.extend(entry.merge.as_ref().map(|_| "merge".to_owned()));
    assert_eq!(words.len(), 1, "exactly one thing: {entry:?}");
    words.remove(0)
}

fn words(entries: &[TimelineEntry]) -> Vec<String> {
    entries.iter().map(word).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn notes_are_ones_own_to_change_and_the_newest_is_first(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Ann", false).await;
    let contact = tenant.receive("anna", "m1", "hello").await.author.unwrap().id;
    let first = tenant.note_on(&contact, " likes tea ").await.unwrap();
    assert_eq!((first.text.as_str(), first.edited_at), ("likes tea", None));
    assert_eq!(first.author.as_ref().unwrap().id, tenant.user.to_string());
    for text in ["second", "third"] {
        tenant.note_on(&contact, text).await.unwrap();
    }
    assert_eq!(tenant.notes(&contact).await, ["third", "second", "likes tea"]);
    assert_eq!(fault(&tenant.note_on(&contact, " \n ").await.unwrap_err()), ("missing_field", Some("text")));

    let changed = tenant.change_note(&first, "likes coffee").await.unwrap();
    assert!(changed.edited_at.is_some());
    let other = tenant.another(Role::Agent);
    assert_eq!(other.change_note(&first, "no").await.unwrap_err().code(), weft_domain::ErrorCode::Forbidden);
    assert_eq!(other.delete_note(&first).await.unwrap_err().code(), weft_domain::ErrorCode::Forbidden);
    let supervisor = tenant.another(Role::Supervisor);
    supervisor.delete_note(&first).await.unwrap();
    assert_eq!(tenant.notes(&contact).await, ["third", "second"]);
    assert_eq!(fault(&tenant.delete_note(&first).await.unwrap_err()).0, "not_found");
    let removal = tenant.until("the note's end", |event: &ContactNoteUpdated| event.removed).await;
    assert_eq!(removal.note.unwrap().text, "", "its words are not told");

    let stranger = rig.tenant();
    assert_eq!(fault(&stranger.note_on(&contact, "x").await.unwrap_err()).0, "not_found");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn notes_go_along_with_a_merge_and_back_with_its_undoing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let kept = tenant.receive("anna", "m1", "hello").await.author.unwrap().id;
    let other = tenant.receive("bert", "m2", "hello").await.author.unwrap().id;
    tenant.note_on(&kept, "on anna").await.unwrap();
    let his = tenant.note_on(&other, "on bert").await.unwrap();
    let merge = tenant.merge(&kept, &other).await.unwrap();
    assert_eq!(tenant.notes(&kept).await, ["on bert", "on anna"]);
    let moved = |event: &ContactNoteUpdated| {
        event.note.as_ref().is_some_and(|note| note.id == his.id && note.contact_id == kept)
    };
    tenant.until("the note's move", moved).await;
    assert_eq!(fault(&tenant.note_on(&other, "too late").await.unwrap_err()).0, "contact_merged");
    tenant.note_on(&kept, "since").await.unwrap();
    tenant.undo(&merge.id).await.unwrap();
    assert_eq!(tenant.notes(&kept).await, ["since", "on anna"]);
    assert_eq!(tenant.notes(&other).await, ["on bert"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_timeline_has_all_there_was_in_pages_of_any_size(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let other = tenant.second_channel("other").await;
    let later = || rig.clock.advance(TimeDelta::minutes(10));
    let first = tenant.receive_on(tenant.channel, with_phone("anna", "+442079460958"), "one").await;
    let contact = first.author.clone().unwrap().id;
    later();
    tenant.note_on(&contact, "likes tea").await.unwrap();
    later();
    tenant.set_status(&first.conversation_id, "resolved").await.unwrap();
    later();
    let second = tenant.receive_on(other, with_phone("bert", "+442079460959"), "two").await;
    later();
    tenant.receive_on(tenant.channel, with_phone("anna", "+442079460958"), "three").await;
    later();
    let merge = tenant.merge(&contact, &second.author.unwrap().id).await.unwrap();
    later();
    tenant.set_status(&second.conversation_id, "closed").await.unwrap();

    let all = tenant.timeline(&contact, 50, None).await;
    // what began and its first message are of one moment
    let told = words(&all);
    let ends = ["closed", "merge"];
    assert_eq!(told[..2], ends);
    let mut middle = told[2..].to_vec();
    middle[..2].sort_unstable();
    middle[2..4].sort_unstable();
    middle[6..].sort_unstable();
    let wanted = ["hello", "reopened", "began", "hello", "resolved", "note: likes tea", "began", "hello"];
    assert_eq!(middle, wanted);
    let mut times: Vec<_> = all.iter().map(|entry| entry.at.unwrap()).collect();
    let as_told = times.clone();
    times.sort_by_key(|at| std::cmp::Reverse((at.seconds, at.nanos)));
    assert_eq!(as_told, times, "the newest first");
    for size in 1..=9 {
        assert_eq!(tenant.timeline(&contact, size, None).await, all, "in pages of {size}");
    }
    assert_eq!(words(&tenant.timeline(&contact, 1, Some("merge")).await), ["merge"]);
    assert_eq!(tenant.timeline(&contact, 1, Some("message")).await.len(), 3);
    let changes = tenant.timeline(&contact, 2, Some("conversation")).await;
    let reopened = changes.iter().filter_map(|entry| entry.conversation.as_ref());
    let reopened = reopened.filter(|one| one.change() == Change::Reopened).count();
    assert_eq!((changes.len(), reopened), (5, 1));

    // what somebody put out of their own sight is not shown to them
    let hide = DeleteMessageRequest {
        conversation_id: first.conversation_id.clone(),
        id: first.id.clone(),
        scope: "me".into(),
    };
    answer(tenant.chat().delete_message(tenant.signed(hide)).await).unwrap();
    assert_eq!(tenant.timeline(&contact, 1, Some("message")).await.len(), 2);
    assert_eq!(tenant.another(Role::Agent).timeline(&contact, 1, Some("message")).await.len(), 3);

    tenant.undo(&merge.id).await.unwrap();
    let hers = words(&tenant.timeline(&contact, 3, Some("conversation")).await);
    assert_eq!(hers, ["reopened", "resolved", "began"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_goes_on_where_the_one_before_ended_though_news_come(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let contact = tenant.receive("anna", "m0", "0").await.author.unwrap().id;
    for n in 1..6 {
        tenant.receive("anna", &format!("m{n}"), &n.to_string()).await;
    }
    let mut client = ContactTimelineClient::new(rig.channel.clone());
    let request = |page_token: String| ListContactTimelineRequest {
        contact_id: contact.clone(),
        page_size: 3,
        page_token,
        kind: Some("message".into()),
    };
    let first = answer(client.list_contact_timeline(tenant.signed(request(String::new()))).await).unwrap();
    tenant.receive("anna", "m6", "6").await;
    let rest = request(first.next_page_token);
    let second = answer(client.list_contact_timeline(tenant.signed(rest)).await).unwrap();
    assert_eq!(words(&first.items), ["5", "4", "3"]);
    assert_eq!(words(&second.items), ["2", "1", "0"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_needs_the_permission_to_read_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let contact = tenant.receive("anna", "m1", "hello").await.author.unwrap().id;
    let program = tenant.with_scopes(&["contact.read"]);
    let request = ListContactTimelineRequest { contact_id: contact, ..Default::default() };
    let mut client = ContactTimelineClient::new(rig.channel.clone());
    let refused = answer(client.list_contact_timeline(program.signed(request)).await).unwrap_err();
    assert_eq!(refused.reason(), "permission_denied");
    assert!(refused.message().contains("conversation.read"), "{refused}");
}
