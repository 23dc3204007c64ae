//! Contacts into files.

use chrono::TimeDelta;
use rstest::rstest;
use weft_proto::{
    conversation::v1::{
        Contact, ContactExport, StartContactExportRequest, UpdateContactRequest,
        contact_export::State as Written,
    },
    events::v1::ContactExportUpdated,
};

use crate::{
    adapter::Tenant,
    agent::answer,
    contact_files::counts,
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    pub(crate) async fn export(&self, tag: Option<&str>) -> ContactExport {
        let request = StartContactExportRequest { tag: tag.map(str::to_owned) };
        let begun = answer(self.files_client().start_contact_export(self.signed(request)).await).unwrap();
        let is_end = |event: &ContactExportUpdated| {
            event.contact_export.as_ref().is_some_and(|told| told.id == begun.id && told.ended_at.is_some())
        };
        self.until::<ContactExportUpdated>("the end of an export", is_end).await.contact_export.unwrap()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_exported_is_harmless_and_can_be_imported_as_it_was(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    tenant.define_of("contact", "amount", "number", &[]).await.unwrap();
    let names = ["=1+1", "@cmd", "'quoted'", "'=odd", "comma, \"quote\"\nline", "🙂 שלום عليكم", "-dash"];
    for (n, name) in names.iter().enumerate() {
        let contact =
            tenant.new_contact(name, &format!("p{n}@example.com"), &format!("+44207946095{n}")).await;
        tenant.tag_contact(&contact.id, &["all", &format!("x;y {n}")], &[]).await.unwrap();
        let fields =
            weft_proto::struct_json::from_json(serde_json::json!({"amount": -5}).as_object().unwrap());
        let change = UpdateContactRequest { id: contact.id, fields: Some(fields), ..Default::default() };
        tenant.change_contact(change).await.unwrap();
    }
    tenant.receive("group", "m1", "hello").await;
    let ended = tenant.export(None).await;
    assert_eq!((ended.state(), ended.row_count, ended.reason.as_str()), (Written::Done, 8, ""));
    let text = rig.files.text(&ended.file_id.clone().unwrap());
    assert!(text.starts_with(
        "\u{feff}id,name,email,phone,language,tags,channels,blocked,created_at,fields.amount\r\n"
    ));
    let mut reader = csv::ReaderBuilder::new().from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
        }
    }
    assert_eq!(tenant.export(Some("X;Y 2")).await.row_count, 1);

    let other = rig.tenant().manager();
    other.define_of("contact", "amount", "number", &[]).await.unwrap();
    let taken = other.import(text).await;
    assert_eq!(counts(&taken), (8, 8, 0, 0), "{:?}", other.errors(&taken).await);
    let (before, after) = (tenant.everybody().await, other.everybody().await);
    for name in names {
        let same = |contact: &Contact| Contact {
            id: String::new(),
            created_at: None,
            updated_at: None,
            ..contact.clone()
        };
        assert_eq!(same(&before[name]), same(&after[name]));
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_exports_file_goes_after_a_week(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    rig.replica().await;
    let tenant = rig.tenant().manager();
    tenant.new_contact("Ada", "ada@example.com", "").await;
    let ended = tenant.export(None).await;
    let file = ended.file_id.unwrap();
    assert!(rig.files.is_held(&file));
    rig.clock.advance(TimeDelta::days(7));
    let gone = |event: &ContactExportUpdated| {
        let shown = event.contact_export.as_ref().unwrap();
        shown.id == ended.id && shown.file_id.is_none() && shown.ended_at.is_some()
    };
    tenant.until("the file's end", gone).await;
    assert!(!rig.files.is_held(&file));
}
