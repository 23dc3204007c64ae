//! Words with their looks, and what messages are for.

use rstest::rstest;
use weft_domain::{ErrorCode, Result};
use weft_proto::{
    channel::v1::{MessageReceived, change::Change as What, inbound},
    conversation::v1::{
        EditMessageRequest, MessageDraft, PutDraftRequest, RichText, SendMessageRequest,
        SetMessagePurposeRequest,
        drafts_client::DraftsClient,
        message::Purpose,
        message_purposes_client::MessagePurposesClient,
        rich_text::{Block, Kind, Span},
    },
    directory::v1::Capabilities,
    events::v1::MessageUpdated,
};

use crate::{
    adapter::{Tenant, words},
    agent::{Message, fault},
    rig::{Engine, Rig},
};

fn html(conversation: &str, html: &str) -> SendMessageRequest {
    SendMessageRequest {
        conversation_id: conversation.into(),
        html: Some(html.into()),
        ..SendMessageRequest::default()
    }
}

fn can() -> Capabilities {
    Capabilities {
        content: vec!["text".into(), "rich_text".into()],
        max_text_chars: 4000,
        edits: true,
        ..Capabilities::default()
    }
}

fn span(text: &str, bold: bool) -> Span {
    Span { text: text.into(), bold, ..Span::default() }
}

fn paragraph(spans: Vec<Span>) -> RichText {
    RichText { blocks: vec![Block { kind: Kind::Paragraph.into(), spans, ..Block::default() }] }
}

impl Tenant<'_> {
    async fn edit_html(&self, message: &Message, html: &str) -> Result<Message> {
        let request = EditMessageRequest {
            conversation_id: message.conversation_id.clone(),
            id: message.id.clone(),
            html: Some(html.into()),
            ..EditMessageRequest::default()
        };
        self.done(self.chat().edit_message(self.signed(request)).await)
    }

    async fn is_for(&self, message: &Message, purpose: &str) -> Result<Message> {
        let request = SetMessagePurposeRequest {
            conversation_id: message.conversation_id.clone(),
            id: message.id.clone(),
            purpose: purpose.into(),
        };
        let mut client = MessagePurposesClient::new(self.rig.channel.clone());
        self.done(client.set_message_purpose(self.signed(request)).await)
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn words_go_with_their_looks_and_are_text_for_all_others(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let to = tenant.receive("anna", "m1", "hello").await.conversation_id;
    tenant.knows(&to, can()).await;
    let sent = tenant
        .send_request(html(&to, "<p>Dear <b>Anna</b>,</p><script>alert(1)</script><ul><li>tea</li></ul>"))
        .await
        .unwrap();
    assert_eq!(sent.text, "Dear Anna,\n\n• tea");
    let rich = sent.rich.clone().unwrap();
    assert_eq!(rich.blocks[0].spans, [span("Dear ", false), span("Anna", true), span(",", false)]);
    assert_eq!(rich.blocks[1].kind(), Kind::ListItem);
    let order = tenant.order().await;
    assert_eq!((&order.text, order.rich.as_ref()), (&sent.text, Some(&rich)));
    tenant.accepted(&order, &["out"]).await;
    assert_eq!(tenant.messages(&to).await.last().unwrap().rich, Some(rich.clone()));

    let changed = tenant.edit_html(&sent, "<p>Dear <i>Anna</i></p>").await.unwrap();
    assert_eq!(changed.text, "Dear Anna");
    let Some(What::Edit(edit)) = tenant.change(&sent, 1).await.change else { panic!("an edit") };
    assert_eq!((edit.text, edit.rich), (changed.text.clone(), changed.rich.clone()));
    let plain = tenant.edit_html(&sent, "<p>Dear Anna</p>").await.unwrap();
    assert_eq!((plain.text.as_str(), plain.rich), ("Dear Anna", None), "no looks are left");

    let passed_on = SendMessageRequest { forward_of: Some(sent.id.clone()), ..html(&to, "See <b>this</b>:") };
    let passed_on = tenant.send_request(passed_on).await.unwrap();
    assert_eq!(passed_on.text, "See this:\n\nDear Anna");
    assert_eq!(passed_on.rich.unwrap().blocks.len(), 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_looks_is_said_and_nothing_is_written(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let to = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let base = html(&to, "<b>a</b>");
    let link = |link: &str| paragraph(vec![Span { link: Some(link.into()), ..span("here", false) }]);
    let rich = |rich: RichText| SendMessageRequest { html: None, rich: Some(rich), ..base.clone() };
    let table = [
        (SendMessageRequest { text: "a".into(), ..base.clone() }, "html"),
        (SendMessageRequest { rich: Some(link("https://example.com")), ..base.clone() }, "html"),
        (rich(link("javascript:alert(1)")), "rich"),
        (rich(RichText { blocks: vec![Block::default(); 501] }), "rich"),
        (html(&to, &"<p>a</p>".repeat(501)), "html"),
        (html(&to, &"a".repeat(20_001)), "html"),
        (html(&to, "<p> </p><img src=x>"), "text"),
        (SendMessageRequest { purpose: Some("gossip".into()), ..base.clone() }, "purpose"),
    ];
    for (request, field) in table {
        let error = tenant.send_request(request).await.unwrap_err();
        assert_eq!((error.code(), fault(&error).1), (ErrorCode::Invalid, Some(field)), "{error}");
    }
    assert_eq!(tenant.messages(&to).await.len(), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_is_left_of_looks(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let to = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let ask = |text: &str| SendMessageRequest { dry_run: true, ..html(&to, text) };
    let preview = async |text: &str| tenant.send_request(ask(text)).await.unwrap().preview.unwrap();
    tenant.knows(&to, can()).await;
    let shown = preview("<b>a</b>").await;
    assert!(shown.parts[0].rich.is_some() && shown.warnings.is_empty(), "{shown:?}");
    let long = preview(&format!("<b>{}</b>", "a ".repeat(3_000))).await;
    assert!(long.parts.len() > 1 && long.parts.iter().all(|part| part.rich.is_none()), "{long:?}");
    assert_eq!(long.warnings.len(), 1);
    tenant.knows(&to, Capabilities { content: vec!["text".into()], ..can() }).await;
    let plain = preview("<b>a</b>").await;
    assert_eq!((plain.parts[0].text.as_str(), plain.parts[0].rich.as_ref()), ("a", None));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_comes_in_with_looks_keeps_those_that_are_safe(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let bold = paragraph(vec![span("hello", true)]);
    let come = |id: &str, rich: RichText| MessageReceived { rich: Some(rich), ..words(id, "hello") };
    tenant.tell("anna", inbound::Event::Message(come("m1", bold.clone()))).await;
    let shown = tenant.until_message(|it| it.provider_message_id.as_deref() == Some("m1")).await;
    assert_eq!((shown.text.as_str(), shown.rich), ("hello", Some(bold)));
    let hostile = paragraph(vec![Span { link: Some("javascript:alert(1)".into()), ..span("hello", false) }]);
    tenant.tell("anna", inbound::Event::Message(come("m2", hostile))).await;
    let shown = tenant.until_message(|it| it.provider_message_id.as_deref() == Some("m2")).await;
    assert_eq!((shown.text.as_str(), shown.rich), ("hello", None), "the words are never lost");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_draft_keeps_its_looks(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let to = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let put = async |message: MessageDraft| {
        let request = PutDraftRequest { conversation_id: to.clone(), message: Some(message) };
        let mut drafts = DraftsClient::new(rig.channel.clone());
        tenant.done(drafts.put_draft(tenant.signed(request)).await)
    };
    let rich = Some(paragraph(vec![span("a", true)]));
    let kept = put(MessageDraft { rich: rich.clone(), ..MessageDraft::default() }).await.unwrap();
    assert_eq!(kept.message.unwrap().rich, rich);
    let both = MessageDraft { rich, text: "a".into(), ..MessageDraft::default() };
    assert_eq!(fault(&put(both).await.unwrap_err()).1, Some("rich"));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_message_says_what_it_is_for(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let asked = tenant.receive("anna", "m1", "we need a ladder").await;
    assert_eq!(asked.purpose(), Purpose::General);
    let set = tenant.is_for(&asked, "equipment_request").await.unwrap();
    assert_eq!(set.purpose(), Purpose::EquipmentRequest);
    tenant
        .until::<MessageUpdated>("what it is for", |it| {
            it.message.as_ref().unwrap().purpose() == Purpose::EquipmentRequest
        })
        .await;
    assert_eq!(tenant.is_for(&asked, "general").await.unwrap().purpose(), Purpose::General);
    let hours = SendMessageRequest {
        conversation_id: asked.conversation_id.clone(),
        text: "7 h".into(),
        internal: true,
        purpose: Some("time_log".into()),
        ..SendMessageRequest::default()
    };
    let hours = tenant.send_request(hours).await.unwrap();
    assert_eq!(hours.purpose(), Purpose::TimeLog);
    assert_eq!(tenant.edit(&hours, "8 h").await.unwrap().purpose(), Purpose::TimeLog, "it stays");
    let wrong = tenant.is_for(&asked, "gossip").await.unwrap_err();
    assert_eq!(fault(&wrong).1, Some("purpose"));
    let other = rig.tenant();
    assert_eq!(other.is_for(&asked, "general").await.unwrap_err().code(), ErrorCode::NotFound);
    tenant.delete(&hours, "everyone").await.unwrap();
    assert_eq!(tenant.is_for(&hours, "general").await.unwrap_err().reason(), "message_deleted");
}
