//! By what a row of a file is of a contact that there is, and in how many ways it may be written.

use weft_proto::struct_json;

use super::*;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_is_taken_back_doubles_nobody(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    for (name, email) in [("Ada", ""), ("Bert", "bert@example.com"), ("Carol", "")] {
        tenant.new_contact(name, email, "").await;
    }
    let text = rig.files.text(&tenant.export(None).await.file_id.unwrap());
    let before = tenant.everybody().await;
    for dry_run in [true, false] {
        let request = StartContactImportRequest { dry_run, ..Default::default() };
        let ended = tenant.import_as(text.clone(), request).await;
        assert_eq!(counts(&ended), (3, 0, 3, 0), "{:?}", tenant.errors(&ended).await);
        assert_eq!(tenant.everybody().await, before);
    }
    let skip = StartContactImportRequest { existing: Some("skip".into()), ..Default::default() };
    assert_eq!(counts(&tenant.import_as(text.clone(), skip).await), (3, 0, 0, 3));

    let changed = text.replace("Ada", "Ada Lovelace").replace("bert@example.com", "b@example.com");
    assert_eq!(counts(&tenant.import(changed).await), (3, 0, 3, 0));
    let after = tenant.everybody().await;
    assert_eq!(after.keys().collect::<Vec<_>>(), ["Ada Lovelace", "Bert", "Carol"]);
    assert_eq!(after["Ada Lovelace"].id, before["Ada"].id);
    assert_eq!(after["Bert"].id, before["Bert"].id);
    assert_eq!(after["Bert"].email.as_deref(), Some("b@example.com"));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_id_comes_before_an_address_and_one_that_nobody_has_is_ignored(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (tenant, stranger) = (rig.tenant().manager(), rig.tenant().manager());
    let foreign = stranger.new_contact("Foreign", "", "").await.id;
    let ada = tenant.new_contact("Ada", "", "").await.id;
    let kept = tenant.new_contact("Kept", "kept@example.com", "").await.id;
    let gone = tenant.new_contact("Gone", "", "").await.id;
    tenant.merge(&kept, &gone).await.unwrap();
    let file = format!(
        "id,name,email,tags\n\
         {foreign},By a foreign one,,\n\
         {gone},By one that is gone,,\n\
         4711,By a number,,\n\
         {foreign},Kept now,kept@example.com,\n\
         {ada},,,vip\n\
         {ada},,kept@example.com,\n\
         {foreign},,,vip\n"
    );
    let ended = tenant.import(file).await;
    let errors = tenant.errors(&ended).await;
    assert_eq!(counts(&ended), (7, 3, 3, 1), "{errors:?}");
    assert_eq!((errors[0].row, errors[0].reason.as_str()), (8, "nobody_named"));
    let all = tenant.everybody().await;
    assert_eq!(
        all.keys().collect::<Vec<_>>(),
        ["Ada", "By a foreign one", "By a number", "By one that is gone", "Kept now"]
    );
    assert_eq!((&all["Ada"].id, &all["Ada"].tags[..]), (&ada, &["vip".to_owned()][..]));
    assert_eq!(all["Ada"].email.as_deref(), Some("kept@example.com"), "her id says whose row it is");
    assert_eq!(all["Kept now"].id, kept);
    assert_eq!(stranger.everybody().await.keys().collect::<Vec<_>>(), ["Foreign"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_number_with_an_extension_is_told_of_and_not_cut(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    let ended = tenant.import("name,phone\nDesk,+44 20 7946 0958 ext. 12\nAda,+44 20 7946 0958\n").await;
    assert_eq!(counts(&ended), (2, 1, 0, 1));
    let errors = tenant.errors(&ended).await;
    let told = (errors[0].row, errors[0].column.as_str(), errors[0].reason.as_str());
    assert_eq!(told, (2, "phone", "invalid_field"));
    assert!(errors[0].message.contains("extension 12"), "{}", errors[0].message);
    assert_eq!(tenant.everybody().await.keys().collect::<Vec<_>>(), ["Ada"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn accents_that_are_written_apart_are_the_same(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    tenant.define_of("contact", "drink", "choice", &["Café", "Tee"]).await.unwrap();
    let contact = tenant.new_contact("Ada", "ada@example.com", "").await;
    tenant.tag_contact(&contact.id, &["Café"], &[]).await.unwrap();
    let columns = [("Getränk".to_owned(), "fields.drink".to_owned())];
    let request = StartContactImportRequest { columns: columns.into(), ..Default::default() };
    let file = "email,tags,Getra\u{308}nk\nada@example.com,CAFE\u{301},Cafe\u{301}\n";
    let ended = tenant.import_as(file, request).await;
    assert_eq!(counts(&ended), (1, 0, 1, 0), "{} {:?}", ended.reason, tenant.errors(&ended).await);
    let contact = tenant.contact(&contact.id).await;
    assert_eq!(contact.tags, ["café"]);
    assert_eq!(struct_json::to_json(&contact.fields.unwrap())["drink"], "Café");
    let tagged = ListContactsRequest { tag: Some("Cafe\u{301}".into()), ..Default::default() };
    assert_eq!(answer(tenant.contacts().list_contacts(tenant.signed(tagged)).await).unwrap().items.len(), 1);
}
