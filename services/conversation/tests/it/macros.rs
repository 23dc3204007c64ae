//! Several steps in one.

use chrono::{TimeDelta, Utc};
use rstest::rstest;
use serde_json::json;
use weft_auth::{Principal, Subject};
use weft_domain::{Result, Role, id};
use weft_proto::{
    conversation::v1::{
        AttachmentRef, ConversationChange, CreateMacroRequest, DeleteCustomFieldRequest, DeleteMacroRequest,
        ListMacrosRequest, Macro, MacroMessage, RunMacroRequest, RunMacroResponse, UpdateMacroRequest,
        conversation::Status, custom_fields_client::CustomFieldsClient, r#macro::Visibility,
        macros_client::MacrosClient, message::Direction,
    },
    directory::v1::Capabilities,
    events::v1::{ConversationUpdated, MacroUpdated, MessageCreated},
};

use crate::{
    adapter::Tenant,
    agent::{answer, fault},
    filters::fields,
    rig::{Engine, Rig},
};

mod holes;

fn words(text: &str) -> Option<MacroMessage> {
    Some(MacroMessage { text: text.into(), ..Default::default() })
}

fn goodbye() -> CreateMacroRequest {
    CreateMacroRequest {
        name: "Goodbye".into(),
        description: " Ends it ".into(),
        reply: words("Bye {{ contact.name }}"),
        note: words("Said bye on {{ today }}"),
        change: Some(ConversationChange {
            status: Some("resolved".into()),
            assignee: Some("me".into()),
            add_tags: vec!["Done".into()],
            mark_read: true,
            ..Default::default()
        }),
        ..Default::default()
    }
}

fn only_change(change: ConversationChange) -> CreateMacroRequest {
    CreateMacroRequest { name: "Change".into(), change: Some(change), ..Default::default() }
}

fn update(of: &Macro) -> UpdateMacroRequest {
    UpdateMacroRequest { id: of.id.clone(), ..Default::default() }
}

impl Tenant<'_> {
    fn macros_client(&self) -> MacrosClient<tonic::transport::Channel> {
        MacrosClient::new(self.rig.channel.clone())
    }

    pub(crate) async fn keep_macro(&self, request: CreateMacroRequest) -> Result<Macro> {
        answer(self.macros_client().create_macro(self.signed(request)).await)
    }

    async fn change_macro(&self, request: UpdateMacroRequest) -> Result<Macro> {
        answer(self.macros_client().update_macro(self.signed(request)).await)
    }

    async fn delete_macro(&self, of: &Macro) -> Result<()> {
        let request = DeleteMacroRequest { id: of.id.clone() };
        answer(self.macros_client().delete_macro(self.signed(request)).await)
    }

    pub(crate) async fn run_macro(&self, of: &Macro, conversation: &str) -> Result<RunMacroResponse> {
        let request = RunMacroRequest { id: of.id.clone(), conversation_id: conversation.into() };
        answer(self.macros_client().run_macro(self.signed(request)).await)
    }

    /// The names of all macros, page by page.
    pub(crate) async fn macro_names(&self) -> Vec<String> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = self.signed(ListMacrosRequest { page_size: 2, page_token });
            let page = self.macros_client().list_macros(request).await.unwrap().into_inner();
            all.extend(page.items.into_iter().map(|one| one.name));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }

    /// Somebody who may do these things alone.
    pub(crate) fn with_scopes(&self, scopes: &[&str]) -> Self {
        let subject = Subject::Token(id::new(), self.user);
        let scopes = Some(scopes.iter().map(|scope| (*scope).to_owned()).collect());
        let principal =
            Principal { tenant: self.id, subject, role: Role::Agent, scopes, issued_at: Utc::now() };
        let token = self.rig.signer.sign(&principal).unwrap();
        Self {
            rig: self.rig,
            id: self.id,
            channel: self.channel,
            user: self.user,
            token,
            orders_seen: 0.into(),
        }
    }

    /// Asserts that nothing at all became of a conversation since it was seen so.
    async fn unchanged(&self, before: &crate::agent::Conversation) {
        let after = self.conversation(&before.id).await;
        assert_eq!(
            (&after.tags, &after.fields, after.status()),
            (&before.tags, &before.fields, before.status())
        );
        assert_eq!((after.last_seq, after.updated_at), (before.last_seq, before.updated_at));
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn all_steps_are_done_in_their_order_and_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Bob", false).await;
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let kept = tenant.keep_macro(goodbye()).await.unwrap();
    assert_eq!((kept.description.as_str(), kept.visibility()), ("Ends it", Visibility::Own));
    let run = || {
        let request = RunMacroRequest { id: kept.id.clone(), conversation_id: conversation.clone() };
        tenant.keyed("once", request)
    };
    let done = answer(tenant.macros_client().run_macro(run()).await).unwrap();
    let shown: Vec<(&str, Direction)> =
        done.messages.iter().map(|message| (message.text.as_str(), message.direction())).collect();
    let note = format!("Said bye on {}", Utc::now().format("%Y-%m-%d"));
    assert_eq!(shown, [("Bye name of anna", Direction::Outbound), (note.as_str(), Direction::Internal)]);
    let after = done.conversation.clone().unwrap();
    assert_eq!((after.status(), &after.tags[..]), (Status::Resolved, &["done".to_owned()][..]));
    assert_eq!((after.assignee, after.unread_count), (Some(tenant.user.to_string()), 0));
    assert_eq!(tenant.order().await.text, "Bye name of anna");

    // the same call again, even when the macro has gone
    assert_eq!(answer(tenant.macros_client().run_macro(run()).await).unwrap(), done);
    tenant.delete_macro(&kept).await.unwrap();
    assert_eq!(answer(tenant.macros_client().run_macro(run()).await).unwrap(), done);
    assert_eq!(tenant.run_macro(&kept, &conversation).await.unwrap_err().reason(), "not_found");
    let texts: Vec<String> =
        tenant.messages(&conversation).await.into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["hello", "Bye name of anna", note.as_str()]);
    let is_resolved = |event: &ConversationUpdated| {
        event.conversation.as_ref().is_some_and(|told| told.status() == Status::Resolved)
    };
    tenant.until::<ConversationUpdated>("the change", is_resolved).await;
    let told = rig.events.now(|events| tenant.told::<MessageCreated>(events));
    assert_eq!(told.len(), 3);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_cannot_go_keeps_all_else_from_being_done(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Bob", false).await;
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let kept = tenant.keep_macro(goodbye()).await.unwrap();
    let can =
        Capabilities { content: vec!["text".into()], reply_window_hours: 24, ..Capabilities::default() };
    rig.announce(&tenant, can).await;
    let known = async {
        while tenant.conversation(&conversation).await.reply.unwrap().capabilities.is_none() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), known).await.expect("it is heard");
    rig.clock.advance(TimeDelta::hours(25));
    let before = tenant.conversation(&conversation).await;
    let refused = tenant.run_macro(&kept, &conversation).await.unwrap_err();
    let sent = tenant.send(&conversation, "Bye").await.unwrap_err();
    assert_eq!((refused.reason(), refused.message()), (sent.reason(), sent.message()));
    assert_eq!(refused.reason(), "reply_window_closed");
    tenant.unchanged(&before).await;

    // a note and a change go where no answer does
    let quiet = UpdateMacroRequest { reply: Some(MacroMessage::default()), ..update(&kept) };
    assert_eq!(tenant.change_macro(quiet).await.unwrap().reply, None);
    assert_eq!(tenant.run_macro(&kept, &conversation).await.unwrap().messages.len(), 1);
    // but no change undoes the end of a conversation, nor is anything noted then
    tenant.set_status(&conversation, "closed").await.unwrap();
    let before = tenant.conversation(&conversation).await;
    let refused = tenant.run_macro(&kept, &conversation).await.unwrap_err();
    assert_eq!(refused.reason(), "conversation_closed");
    tenant.unchanged(&before).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_or_a_note_needs_the_permission_to_write(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Bob", false).await;
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let program = tenant.with_scopes(&["conversation.read", "conversation.write"]);
    let kept = program.keep_macro(goodbye()).await.unwrap();
    let noting = CreateMacroRequest { name: "Noting".into(), note: words("seen"), ..Default::default() };
    let noting = program.keep_macro(noting).await.unwrap();
    let before = tenant.conversation(&conversation).await;
    for writes in [&kept, &noting] {
        let error = program.run_macro(writes, &conversation).await.unwrap_err();
        assert_eq!(error.reason(), "permission_denied");
        assert!(error.message().contains("message.send"), "{error}");
    }
    tenant.unchanged(&before).await;
    let tagging = ConversationChange { add_tags: vec!["x".into()], ..Default::default() };
    let other = program.keep_macro(only_change(tagging)).await.unwrap();
    program.run_macro(&other, &conversation).await.unwrap();
    assert_eq!(tenant.conversation(&conversation).await.tags, ["x"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_macro_whose_parts_are_gone_says_which(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let colleague = tenant.another(Role::Agent).user;
    tenant.tell_user(colleague, "Carol", false).await;
    let field = tenant.define("amount", "number", &[]).await.unwrap();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let file = rig.files.add(tenant.id, "a.png", "image/png");
    let tags = || vec!["x".to_owned()];
    let given =
        ConversationChange { assignee: Some(colleague.to_string()), add_tags: tags(), ..Default::default() };
    let paid = ConversationChange {
        fields: Some(fields(json!({"amount": 3}))),
        add_tags: tags(),
        ..Default::default()
    };
    let attachments = vec![AttachmentRef { id: file.clone() }];
    let sent = MacroMessage { attachments, ..Default::default() };
    let macros = [
        tenant.keep_macro(CreateMacroRequest { note: words("n"), ..only_change(given) }).await.unwrap(),
        tenant.keep_macro(CreateMacroRequest { note: words("n"), ..only_change(paid) }).await.unwrap(),
        tenant.keep_macro(CreateMacroRequest { note: Some(sent), ..goodbye() }).await.unwrap(),
        tenant
            .keep_macro(CreateMacroRequest { reply: words("{{ contact.email | default('') }}"), ..goodbye() })
            .await
            .unwrap(),
        tenant
            .keep_macro(CreateMacroRequest { reply: words("{{ contact.fields.x + 1 }}"), ..goodbye() })
            .await
            .unwrap(),
    ];
    for kept in &macros[..2] {
        tenant.run_macro(kept, &conversation).await.unwrap();
    }
    tenant.tell_user(colleague, "Carol", true).await;
    let admin = tenant.another(Role::Admin);
    let delete = admin.signed(DeleteCustomFieldRequest { id: field.id.clone() });
    CustomFieldsClient::new(rig.channel.clone()).delete_custom_field(delete).await.unwrap();
    rig.files.remove(tenant.id, &file);
    // what the directory tells comes over the bus
    let heard = async {
        while tenant.assign(&conversation, &colleague.to_string()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), heard).await.expect("it is heard");
    let before = tenant.conversation(&conversation).await;
    let who = colleague.to_string();
    for (kept, reason, field, named) in [
        (&macros[0], "macro_outdated", Some("change.assignee"), who.as_str()),
        (&macros[1], "macro_outdated", Some("change.fields.amount"), "amount"),
        (&macros[2], "macro_outdated", Some("note.attachments[0].id"), "no such file"),
        (&macros[3], "macro_outdated", Some("reply.text"), "`reply.text`"),
        (&macros[4], "variables_not_filled", None, "line 1"),
    ] {
        let error = tenant.run_macro(kept, &conversation).await.unwrap_err();
        assert_eq!(fault(&error), (reason, field), "{error}");
        assert!(error.message().contains(named), "{error}");
        tenant.unchanged(&before).await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn macros_are_kept_like_replies_and_what_cannot_be_one_is_refused(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Bob", false).await;
    let (colleague, supervisor) = (tenant.another(Role::Agent), tenant.another(Role::Supervisor));
    let theirs = rig.files.add(rig.tenant().id, "a.png", "image/png");
    let with_file = MacroMessage { text: "x".into(), attachments: vec![AttachmentRef { id: theirs }] };
    let unknown = ConversationChange { fields: Some(fields(json!({"amount": 3}))), ..Default::default() };
    let nobody = ConversationChange { assignee: Some("user_x".into()), ..Default::default() };
    let asleep = ConversationChange { status: Some("asleep".into()), ..Default::default() };
    let named = |name: &str| CreateMacroRequest { name: name.into(), ..goodbye() };
    for (request, expected) in [
        (named(" "), ("missing_field", "name")),
        (CreateMacroRequest { name: "Nothing".into(), ..Default::default() }, ("invalid_field", "reply")),
        (
            CreateMacroRequest { note: words(" "), ..only_change(ConversationChange::default()) },
            ("invalid_field", "reply"),
        ),
        (CreateMacroRequest { reply: words("{{ x }}"), ..named("a") }, ("invalid_variables", "reply.text")),
        (CreateMacroRequest { note: words("{% x %}"), ..named("a") }, ("invalid_variables", "note.text")),
        (
            CreateMacroRequest { note: Some(with_file), ..named("a") },
            ("unknown_file", "note.attachments[0].id"),
        ),
        (only_change(unknown), ("unknown_field", "change.fields.amount")),
        (only_change(nobody), ("invalid_field", "change.assignee")),
        (only_change(asleep), ("invalid_field", "change.status")),
    ] {
        let error = tenant.keep_macro(request).await.unwrap_err();
        assert_eq!(fault(&error), (expected.0, Some(expected.1)));
    }
    let shared = |name: &str| CreateMacroRequest { visibility: Some("everyone".into()), ..named(name) };
    assert_eq!(tenant.keep_macro(shared("All")).await.unwrap_err().reason(), "permission_denied");
    let mine = tenant.keep_macro(named("b mine")).await.unwrap();
    let all = supervisor.keep_macro(shared("Ça va")).await.unwrap();
    supervisor.keep_macro(shared("A")).await.unwrap();
    assert_eq!(tenant.macro_names().await, ["A", "b mine", "Ça va"]);
    assert_eq!(colleague.macro_names().await, ["A", "Ça va"]);
    assert_eq!(rig.tenant().macro_names().await.len(), 0);

    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let stranger = rig.tenant();
    let foreign = stranger.receive("x", "m2", "hello").await.conversation_id;
    for (who, of, expected) in [
        (&colleague, &mine, "not_found"),
        (&supervisor, &mine, "not_found"),
        (&stranger, &all, "not_found"),
        (&tenant, &all, "permission_denied"),
    ] {
        let renamed = UpdateMacroRequest { name: Some("New".into()), ..update(of) };
        assert_eq!(who.change_macro(renamed).await.unwrap_err().reason(), expected);
        assert_eq!(who.delete_macro(of).await.unwrap_err().reason(), expected);
    }
    assert_eq!(colleague.run_macro(&mine, &conversation).await.unwrap_err().reason(), "not_found");
    assert_eq!(stranger.run_macro(&all, &foreign).await.unwrap_err().reason(), "not_found");
    assert_eq!(tenant.run_macro(&all, &foreign).await.unwrap_err().reason(), "not_found");
    tenant.run_macro(&all, &conversation).await.unwrap();

    let none = MacroMessage::default();
    let request = UpdateMacroRequest { reply: Some(none.clone()), note: Some(none.clone()), ..update(&mine) };
    let changed = tenant.change_macro(request).await.unwrap();
    assert_eq!((changed.reply, changed.note, changed.change), (None, None, goodbye().change));
    let request = UpdateMacroRequest { change: Some(ConversationChange::default()), ..update(&mine) };
    assert_eq!(fault(&tenant.change_macro(request).await.unwrap_err()), ("invalid_field", Some("reply")));
    let to_own = UpdateMacroRequest { visibility: Some("own".into()), ..update(&all) };
    supervisor.change_macro(to_own).await.unwrap();
    assert_eq!(tenant.macro_names().await, ["A", "b mine"]);
    supervisor.delete_macro(&all).await.unwrap();
    let of_all = |events: &[_]| {
        let told = tenant.told::<MacroUpdated>(events).into_iter();
        let told = told.filter(|event| event.r#macro.as_ref().is_some_and(|it| it.id == all.id));
        let told: Vec<_> = told.map(|event| (event.user_id.is_empty(), event.removed)).collect();
        Some(told).filter(|told| told.len() >= 4)
    };
    let told = rig.events.wait("four changes of a macro", of_all).await;
    assert_eq!(told, [(true, false), (true, true), (false, false), (false, true)]);
}
