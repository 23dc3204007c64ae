//! Sentences with holes.

use super::*;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_reply_with_holes_does_not_go_and_says_what_is_missing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    tenant.tell_user(tenant.user, "Bob", false).await;
    let conversation = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let text =
        "Dear {{ contact.name }}, we write to {{ contact.email }} about {{ conversation.fields.order }}.";
    let holes = CreateMacroRequest { reply: words(text), ..goodbye() };
    let holes = tenant.keep_macro(holes).await.unwrap();
    let before = tenant.conversation(&conversation).await;
    let error = tenant.run_macro(&holes, &conversation).await.unwrap_err();
    assert_eq!(error.code(), weft_domain::ErrorCode::Precondition);
    assert_eq!(fault(&error), ("variables_not_filled", Some("reply.text")));
    assert!(error.message().contains(": contact.email, conversation.fields.order have"), "{error}");
    tenant.unchanged(&before).await;

    // what has a default or a condition has no holes, and a note may have some
    let text =
        "Dear {{ contact.first_name | default('friend') }}{% if contact.email %}, we write{% endif %}.";
    let whole = CreateMacroRequest {
        name: "Whole".into(),
        reply: words(text),
        note: words("<{{ contact.email }}>"),
        ..Default::default()
    };
    let whole = tenant.keep_macro(whole).await.unwrap();
    let done = tenant.run_macro(&whole, &conversation).await.unwrap();
    let texts: Vec<&str> = done.messages.iter().map(|message| message.text.as_str()).collect();
    assert_eq!(texts, ["Dear name.", "<>"]);
}
