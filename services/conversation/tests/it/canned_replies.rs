//! Words at hand.

use futures::future::join_all;
use rstest::rstest;
use serde_json::json;
use weft_domain::{Result, Role, id};
use weft_proto::{
    conversation::v1::{
        AttachmentRef, AttachmentRefs, CannedReply, CreateCannedReplyRequest, DeleteCannedReplyRequest,
        ListCannedRepliesRequest, ListCannedRepliesResponse, RenderCannedReplyRequest, RenderedReply,
        UpdateCannedReplyRequest, canned_replies_client::CannedRepliesClient, canned_reply::Visibility,
    },
    events::v1::CannedReplyUpdated,
};

use crate::{
    adapter::Tenant,
    agent::{UpdateConversationRequest, answer, fault},
    filters::fields,
    rig::{Engine, Rig},
};

pub(crate) fn reply(shortcut: &str, text: &str) -> CreateCannedReplyRequest {
    CreateCannedReplyRequest {
        name: shortcut.into(),
        shortcut: shortcut.into(),
        text: text.into(),
        ..Default::default()
    }
}

fn everyone(request: CreateCannedReplyRequest) -> CreateCannedReplyRequest {
    CreateCannedReplyRequest { visibility: Some("everyone".into()), ..request }
}

fn update(of: &CannedReply) -> UpdateCannedReplyRequest {
    UpdateCannedReplyRequest { id: of.id.clone(), ..Default::default() }
}

impl Tenant<'_> {
    fn replies_client(&self) -> CannedRepliesClient<tonic::transport::Channel> {
        CannedRepliesClient::new(self.rig.channel.clone())
    }

    pub(crate) async fn keep_reply(&self, request: CreateCannedReplyRequest) -> Result<CannedReply> {
        answer(self.replies_client().create_canned_reply(self.signed(request)).await)
    }

    async fn change_reply(&self, request: UpdateCannedReplyRequest) -> Result<CannedReply> {
        answer(self.replies_client().update_canned_reply(self.signed(request)).await)
    }

    async fn delete_reply(&self, reply: &CannedReply) -> Result<()> {
        let request = DeleteCannedReplyRequest { id: reply.id.clone() };
        answer(self.replies_client().delete_canned_reply(self.signed(request)).await)
    }

    pub(crate) async fn reply_page(
        &self,
        request: ListCannedRepliesRequest,
    ) -> Result<ListCannedRepliesResponse> {
        answer(self.replies_client().list_canned_replies(self.signed(request)).await)
    }

    /// The names of all replies that fit, page by page.
    async fn reply_names(&self, category: Option<&str>, q: Option<&str>) -> Vec<String> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let (category, q) = (category.map(str::to_owned), q.map(str::to_owned));
            let request = ListCannedRepliesRequest { page_size: 2, page_token, category, q };
            let page = self.reply_page(request).await.unwrap();
            all.extend(page.items.into_iter().map(|reply| reply.name));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }

    pub(crate) async fn render(&self, reply: &CannedReply, conversation: &str) -> Result<RenderedReply> {
        let request = RenderCannedReplyRequest { id: reply.id.clone(), conversation_id: conversation.into() };
        answer(self.replies_client().render_canned_reply(self.signed(request)).await)
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_s_own_replies_are_one_s_own_and_everybody_s_need_a_permission(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (colleague, supervisor) = (tenant.another(Role::Agent), tenant.another(Role::Supervisor));
    let mine = tenant.keep_reply(reply("hours", "We open at nine.")).await.unwrap();
    assert_eq!((mine.visibility(), mine.owner.as_str()), (Visibility::Own, &*tenant.user.to_string()));
    let error = tenant.keep_reply(everyone(reply("all", "x"))).await.unwrap_err();
    assert_eq!(error.reason(), "permission_denied");
    let shared = supervisor.keep_reply(everyone(reply("hours", "We are open."))).await.unwrap();
    assert_eq!(shared.visibility(), Visibility::Everyone);
    assert_eq!(tenant.reply_names(None, None).await.len(), 2);
    assert_eq!(colleague.reply_names(None, None).await, ["hours"]);
    assert_eq!(rig.tenant().reply_names(None, None).await.len(), 0);

    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let renamed = |of: &CannedReply| UpdateCannedReplyRequest { name: Some("New".into()), ..update(of) };
    for (who, of, expected) in [
        (&colleague, &mine, "not_found"),
        (&supervisor, &mine, "not_found"),
        (&rig.tenant(), &mine, "not_found"),
        (&rig.tenant(), &shared, "not_found"),
        (&tenant, &shared, "permission_denied"),
    ] {
        assert_eq!(who.change_reply(renamed(of)).await.unwrap_err().reason(), expected);
        assert_eq!(who.delete_reply(of).await.unwrap_err().reason(), expected);
    }
    assert_eq!(colleague.render(&mine, &conversation).await.unwrap_err().reason(), "not_found");
    assert_eq!(tenant.render(&shared, "conv_x").await.unwrap_err().reason(), "invalid_field");
    let theirs = rig.tenant().receive("b", "m2", "hello").await.conversation_id;
    assert_eq!(tenant.render(&shared, &theirs).await.unwrap_err().reason(), "invalid_field");
    let to_all = UpdateCannedReplyRequest { visibility: Some("everyone".into()), ..update(&mine) };
    assert_eq!(tenant.change_reply(to_all).await.unwrap_err().reason(), "permission_denied");

    let to_own = UpdateCannedReplyRequest { visibility: Some("own".into()), ..update(&shared) };
    supervisor.change_reply(to_own).await.unwrap();
    assert_eq!(tenant.reply_names(None, None).await, ["hours"]);
    supervisor.delete_reply(&shared).await.unwrap();
    assert_eq!(supervisor.delete_reply(&shared).await.unwrap_err().reason(), "not_found");
    let of_shared = |events: &[_]| {
        let told = tenant.told::<CannedReplyUpdated>(events).into_iter();
        let told = told.filter(|event| event.canned_reply.as_ref().is_some_and(|it| it.id == shared.id));
        let told: Vec<_> = told.map(|event| (event.user_id.is_empty(), event.removed)).collect();
        Some(told).filter(|told| told.len() >= 4)
    };
    let told = rig.events.wait("four changes of a reply", of_shared).await;
    assert_eq!(told, [(true, false), (true, true), (false, false), (false, true)]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn replies_are_listed_by_name_and_found_by_shortcut_and_name_in_any_writing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let supervisor = tenant.another(Role::Supervisor);
    for (name, shortcut, category) in [
        ("Über uns", "about", "Firm"),
        ("ÖFFNUNGSZEITEN am  Sonntag", "hours", " Times  and places "),
        ("100 % sicher", "safe_1", "Firm"),
        ("Часы работы", "chasy", "Times and places"),
        ("apologies", "sorry-late", ""),
    ] {
        let request = CreateCannedReplyRequest {
            name: name.into(),
            category: category.into(),
            ..everyone(reply(shortcut, "x"))
        };
        supervisor.keep_reply(request).await.unwrap();
    }
    let mine = CreateCannedReplyRequest { name: "Straße".into(), ..reply("street", "x") };
    tenant.keep_reply(mine).await.unwrap();
    let all =
        ["100 % sicher", "apologies", "ÖFFNUNGSZEITEN am  Sonntag", "Straße", "Über uns", "Часы работы"];
    assert_eq!(tenant.reply_names(None, None).await, all);
    for (category, q, expected) in [
        (Some("Times and places"), None, &["ÖFFNUNGSZEITEN am  Sonntag", "Часы работы"][..]),
        (Some("Firm"), Some("UBER"), &["Über uns"]),
        (Some("none such"), None, &[]),
        (None, Some("öffnungszeiten  AM"), &["ÖFFNUNGSZEITEN am  Sonntag"]),
        (None, Some("РАБОТ"), &["Часы работы"]),
        (None, Some("strasse"), &["Straße"]),
        (None, Some("s"), &["100 % sicher", "apologies", "ÖFFNUNGSZEITEN am  Sonntag", "Straße", "Über uns"]),
        (None, Some("hour"), &["ÖFFNUNGSZEITEN am  Sonntag"]),
        (None, Some("ours"), &[]),
        (None, Some("0 %"), &["100 % sicher"]),
        (None, Some("%"), &["100 % sicher"]),
        (None, Some("safe_"), &["100 % sicher"]),
        (None, Some("_"), &[]),
        (None, Some("!"), &[]),
        (None, Some("  "), &all),
    ] {
        assert_eq!(tenant.reply_names(category, q).await, expected, "{category:?} {q:?}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_reply_is_filled_in_for_a_conversation_and_nothing_is_written(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Bob {{ today }}", false).await;
    tenant.tell_channel(tenant.channel, "Support").await;
    tenant.define("amount", "number", &[]).await.unwrap();
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.settle("anna").await;
    let amount = UpdateConversationRequest {
        id: conversation.clone(),
        fields: Some(fields(json!({"amount": 7}))),
        ..Default::default()
    };
    tenant.update(amount).await.unwrap();
    let file = rig.files.add(tenant.id, "map.pdf", "application/pdf");
    let text = "Dear {{ contact.name }} / {{ contact.first_name }}, {{ agent.name }} of {{ conversation.channel }} \
                asks {{ conversation.fields.amount * 2 }} by {{ contact.email }} {{ contact.fields.vat }}\
                {{ contact.phone | default('phone') }} on {{ today }} ({{ conversation.id }})";
    let request = CreateCannedReplyRequest {
        attachments: vec![AttachmentRef { id: file.clone() }],
        ..reply("pay", text)
    };
    let kept = tenant.keep_reply(request).await.unwrap();
    // the names come over the bus
    let heard = async {
        loop {
            let rendered = tenant.render(&kept, &conversation).await.unwrap();
            if rendered.text.contains("Bob") && rendered.text.contains("Support") {
                return rendered;
            }
            tokio::task::yield_now().await;
        }
    };
    let rendered =
        tokio::time::timeout(std::time::Duration::from_secs(20), heard).await.expect("it is heard");
    let today = chrono::Utc::now().format("%Y-%m-%d");
    let expected = format!(
        "Dear name of anna / name, Bob {{{{ today }}}} of Support asks 14 by  phone on {today} ({conversation})"
    );
    assert_eq!(rendered.text, expected);
    assert_eq!(rendered.missing, ["contact.email", "contact.fields.vat"]);
    let [shown] = &rendered.attachments[..] else { panic!("one file") };
    assert_eq!((shown.id.as_str(), shown.name.as_str(), shown.size), (file.as_str(), "map.pdf", 7));
    assert_eq!(tenant.messages(&conversation).await.len(), 1);

    let theirs = rig.files.add(rig.tenant().id, "secret.pdf", "application/pdf");
    for wrong in [theirs.as_str(), "file_x"] {
        let items = vec![AttachmentRef { id: file.clone() }, AttachmentRef { id: wrong.into() }];
        let request = CreateCannedReplyRequest { attachments: items.clone(), ..reply("other", "x") };
        let error = tenant.keep_reply(request).await.unwrap_err();
        assert_eq!(fault(&error), ("unknown_file", Some("attachments[1].id")));
        let request =
            UpdateCannedReplyRequest { attachments: Some(AttachmentRefs { items }), ..update(&kept) };
        let error = tenant.change_reply(request).await.unwrap_err();
        assert_eq!(fault(&error), ("unknown_file", Some("attachments.items[1].id")));
    }
    let none = UpdateCannedReplyRequest { attachments: Some(AttachmentRefs::default()), ..update(&kept) };
    assert_eq!(tenant.change_reply(none.clone()).await.unwrap().attachments, []);
    let nothing = UpdateCannedReplyRequest { text: Some(" ".into()), ..none };
    assert_eq!(fault(&tenant.change_reply(nothing).await.unwrap_err()), ("empty_message", Some("text")));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_reply_is_refused_by_its_field(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let kept = tenant.keep_reply(reply("hours", "x")).await.unwrap();
    let long = "a".repeat(33);
    for (request, expected) in [
        (reply("Hours", "x"), ("invalid_field", "shortcut")),
        (reply("two words", "x"), ("invalid_field", "shortcut")),
        (reply("/hours", "x"), ("invalid_field", "shortcut")),
        (reply("straße", "x"), ("invalid_field", "shortcut")),
        (reply(&long, "x"), ("too_long", "shortcut")),
        (reply("hours", "x"), ("shortcut_taken", "shortcut")),
        (reply("other", "  "), ("empty_message", "text")),
        (reply("other", "{{ customer.name }}"), ("invalid_variables", "text")),
        (reply("other", "{% for x in y %}{% endfor %}"), ("invalid_variables", "text")),
        (CreateCannedReplyRequest { name: " ".into(), ..reply("other", "x") }, ("missing_field", "name")),
        (
            CreateCannedReplyRequest { visibility: Some("team".into()), ..reply("other", "x") },
            ("invalid_field", "visibility"),
        ),
    ] {
        let shown = format!("{request:?}");
        let error = tenant.keep_reply(request).await.unwrap_err();
        assert_eq!(fault(&error), (expected.0, Some(expected.1)), "{shown}");
    }
    let other = tenant.keep_reply(reply("other", "x")).await.unwrap();
    for (request, expected) in [
        (
            UpdateCannedReplyRequest { shortcut: Some("hours".into()), ..update(&other) },
            ("shortcut_taken", "shortcut"),
        ),
        (
            UpdateCannedReplyRequest { shortcut: Some("".into()), ..update(&other) },
            ("invalid_field", "shortcut"),
        ),
        (
            UpdateCannedReplyRequest { text: Some("{{".into()), ..update(&other) },
            ("invalid_variables", "text"),
        ),
    ] {
        let error = tenant.change_reply(request).await.unwrap_err();
        assert_eq!(fault(&error), (expected.0, Some(expected.1)));
    }
    // its own shortcut is not another's
    let same =
        UpdateCannedReplyRequest { text: Some("y".into()), shortcut: Some("hours".into()), ..update(&kept) };
    assert_eq!(tenant.change_reply(same).await.unwrap().text, "y");
    // somebody else's may be called the same, everybody's too; but not two for everybody
    let supervisor = tenant.another(Role::Supervisor);
    supervisor.keep_reply(everyone(reply("hours", "x"))).await.unwrap();
    let own = supervisor.keep_reply(reply("hours", "x")).await.unwrap();
    let shared = UpdateCannedReplyRequest { visibility: Some("everyone".into()), ..update(&own) };
    assert_eq!(supervisor.change_reply(shared).await.unwrap_err().reason(), "shortcut_taken");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_take_one_shortcut_at_once_one_gets_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let supervisor = tenant.another(Role::Supervisor);
    let made = join_all((0..50).map(|_| supervisor.keep_reply(everyone(reply("one", "x"))))).await;
    let (won, lost): (Vec<_>, Vec<_>) = made.into_iter().partition(|made| made.is_ok());
    assert_eq!((won.len(), lost.len()), (1, 49));
    assert!(lost.into_iter().all(|lost| lost.unwrap_err().reason() == "shortcut_taken"));
    // the same for those that are there
    let others =
        join_all((0..20).map(|n| supervisor.keep_reply(everyone(reply(&format!("n{n}"), "x"))))).await;
    let to_two = |of: &CannedReply| UpdateCannedReplyRequest { shortcut: Some("two".into()), ..update(of) };
    let others: Vec<CannedReply> = others.into_iter().map(Result::unwrap).collect();
    let changed = join_all(others.iter().map(|of| supervisor.change_reply(to_two(of)))).await;
    let (won, lost): (Vec<_>, Vec<_>) = changed.into_iter().partition(|changed| changed.is_ok());
    assert_eq!((won.len(), lost.len()), (1, 19));
    assert!(lost.into_iter().all(|lost| lost.unwrap_err().reason() == "shortcut_taken"));

    // one call that is repeated makes one
    let keyed = || supervisor.keyed("k1", everyone(reply("three", "x")));
    let first = answer(supervisor.replies_client().create_canned_reply(keyed()).await).unwrap();
    let again = answer(supervisor.replies_client().create_canned_reply(keyed()).await).unwrap();
    assert_eq!(first, again);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn there_is_an_end_to_how_many_one_keeps(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    for from in (0..500).step_by(50) {
        let some = (from..from + 50).map(|n| tenant.keep_reply(reply(&format!("n{n}"), "x")));
        assert!(join_all(some).await.iter().all(Result::is_ok));
    }
    let error = tenant.keep_reply(reply("more", "x")).await.unwrap_err();
    assert_eq!(error.reason(), "too_many_canned_replies");
    let supervisor = tenant.another(Role::Supervisor);
    supervisor.keep_reply(everyone(reply("more", "x"))).await.unwrap();
    tenant.another(Role::Agent).keep_reply(reply("more", "x")).await.unwrap();
    assert!(
        id::parse::<id::CannedReply>("id", &tenant.reply_page(Default::default()).await.unwrap().items[0].id)
            .is_ok()
    );
}
