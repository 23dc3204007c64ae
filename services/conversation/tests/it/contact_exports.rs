//! Contacts into files.

use std::time::Duration;

use chrono::TimeDelta;
use rstest::rstest;
use sea_orm::ConnectionTrait;
use weft_domain::ErrorCode;
use weft_proto::{
    conversation::v1::{
        Contact, ContactExport, GetContactExportRequest, StartContactExportRequest, UpdateContactRequest,
        contact_export::State as Written,
    },
    events::v1::ContactExportUpdated,
};

use crate::{
    adapter::Tenant,
    agent::answer,
    contact_files::counts,
    media::Step,
    rig::{Engine, Rig},
};

const PATIENCE: Duration = Duration::from_secs(40);
/// So many attempts are made without getting on.
const ATTEMPTS: usize = 16;

impl Tenant<'_> {
    async fn begin_export(&self, tag: Option<&str>) -> ContactExport {
        let request = StartContactExportRequest { tag: tag.map(str::to_owned) };
        answer(self.files_client().start_contact_export(self.signed(request)).await).unwrap()
    }

    /// The export once it is so; what broke off goes on a little later.
    async fn export_once(&self, begun: &ContactExport, fits: fn(&ContactExport) -> bool) -> ContactExport {
        self.export_later(begun, TimeDelta::seconds(1), fits).await
    }

    /// The same, time passing in steps.
    async fn export_later(
        &self,
        begun: &ContactExport,
        step: TimeDelta,
        fits: fn(&ContactExport) -> bool,
    ) -> ContactExport {
        weft_testkit::eventually("an export as wanted", PATIENCE, async || {
            self.rig.clock.advance(step);
            let request = self.signed(GetContactExportRequest { id: begun.id.clone() });
            let export = answer(self.files_client().get_contact_export(request).await).unwrap();
            fits(&export).then_some(export)
        })
        .await
    }

    /// Waits until what was to be refused was.
    async fn until_refused(&self) {
        let refused = async || self.rig.files.has_refused().then_some(());
        weft_testkit::eventually("a refusal", PATIENCE, refused).await;
    }

    pub(crate) async fn export(&self, tag: Option<&str>) -> ContactExport {
        let begun = self.begin_export(tag).await;
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
    let names = [
        "=1+1",
        "@cmd",
        "'quoted'",
        "'=odd",
        "comma, \"quote\"\nline",
        "🙂 שלום عليكم",
        "-dash",
        "a;=1+1",
        "tab\t-2",
        "line\r\n\"@cmd\"; '+x",
    ];
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
    assert_eq!((ended.state(), ended.row_count, ended.reason.as_str()), (Written::Done, 11, ""));
    let text = rig.files.text(&ended.file_id.clone().unwrap());
    assert!(text.starts_with(
        "\u{feff}id,name,email,phone,language,tags,channels,blocked,created_at,fields.amount\r\n"
    ));
    let mut reader = csv::ReaderBuilder::new().from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell}");
            let mut parts = cell.split([';', '\t', '\r', '\n']).map(|part| part.trim_matches([' ', '"']));
            assert!(parts.all(|part| !part.starts_with(['=', '+', '-', '@'])), "{cell}");
        }
    }
    assert_eq!(tenant.export(Some("X;Y 2")).await.row_count, 1);

    let other = rig.tenant().manager();
    other.define_of("contact", "amount", "number", &[]).await.unwrap();
    let taken = other.import(text).await;
    assert_eq!(counts(&taken), (11, 11, 0, 0), "{:?}", other.errors(&taken).await);
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

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_whose_file_is_there_is_done_in_the_end_and_counts_what_is_in_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(ErrorCode::Unavailable, ErrorCode::Internal)] code: ErrorCode,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    tenant.new_contact("Ada", "ada@example.com", "").await;
    tenant.new_contact("Bert\n\nthe builder", "bert@example.com", "").await;
    rig.files.refuse_next(Step::Hold, code);
    let begun = tenant.begin_export(None).await;
    tenant.until_refused().await;
    tenant.new_contact("Late", "late@example.com", "").await;
    let ended = tenant.export_once(&begun, |export| export.ended_at.is_some()).await;
    assert_eq!((ended.state(), ended.row_count, ended.reason.as_str()), (Written::Done, 2, ""));
    let file = ended.file_id.unwrap();
    assert!(rig.files.is_held(&file));
    let text = rig.files.text(&file);
    assert!(text.contains("Ada") && !text.contains("Late"), "{text}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_broke_off_is_written_anew_and_counts_what_is_in_it(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    tenant.new_contact("Ada", "ada@example.com", "").await;
    rig.files.refuse_next(Step::Store, ErrorCode::Unavailable);
    let begun = tenant.begin_export(None).await;
    tenant.until_refused().await;
    tenant.new_contact("Late", "late@example.com", "").await;
    let ended = tenant.export_once(&begun, |export| export.ended_at.is_some()).await;
    assert_eq!((ended.state(), ended.row_count, ended.reason.as_str()), (Written::Done, 2, ""));
    let text = rig.files.text(&ended.file_id.unwrap());
    assert!(text.contains("Ada") && text.contains("Late"), "{text}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_whose_file_cannot_go_yet_stays_done(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    tenant.new_contact("Ada", "ada@example.com", "").await;
    let ended = tenant.export(None).await;
    let file = ended.file_id.clone().unwrap();
    rig.files.refuse_next(Step::Release, ErrorCode::Internal);
    rig.clock.advance(TimeDelta::days(7));
    tenant.until_refused().await;
    let gone = tenant.export_once(&ended, |export| export.file_id.is_none()).await;
    assert_eq!((gone.state(), gone.reason.as_str()), (Written::Done, ""));
    assert_eq!((gone.row_count, gone.ended_at), (1, ended.ended_at));
    assert!(!rig.files.is_held(&file));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_gets_on_no_more_ends_after_so_many_attempts_and_keeps_no_file(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(Step::Store, Step::Hold, Step::Read)] step: Step,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    tenant.new_contact("Ada", "ada@example.com", "").await;
    if step == Step::Read {
        // what it has stored is counted the next time, which makes one attempt more
        rig.files.refuse_next(Step::Hold, ErrorCode::Unavailable);
    }
    for _ in 0..ATTEMPTS - usize::from(step == Step::Read) {
        rig.files.refuse_next(step, ErrorCode::Internal);
    }
    let begun = tenant.begin_export(None).await;
    let ended = tenant.export_later(&begun, TimeDelta::minutes(1), |export| export.ended_at.is_some()).await;
    assert_eq!((ended.state(), ended.file_id.as_deref()), (Written::Failed, None));
    assert!(rig.files.has_refused() && !ended.reason.is_empty(), "{}", ended.reason);
    let let_go = async || (!rig.files.holds_any()).then_some(());
    weft_testkit::eventually("that nothing is held", PATIENCE, let_go).await;
    assert_eq!(tenant.export(None).await.state(), Written::Done, "another one may begin");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_may_not_be_kept_ends_at_once_and_says_why(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    tenant.new_contact("Ada", "ada@example.com", "").await;
    rig.files.refuse_next(Step::Hold, ErrorCode::Forbidden);
    let ended = tenant.export(None).await;
    assert_eq!((ended.state(), ended.reason.as_str()), (Written::Failed, "this is refused once"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_whose_workers_were_all_lost_ends() {
    let rig = Rig::new(Engine::Postgres).await;
    let tenant = rig.tenant().manager();
    tenant.new_contact("Ada", "ada@example.com", "").await;
    rig.files.refuse_next(Step::Store, ErrorCode::Unavailable);
    let begun = tenant.begin_export(None).await;
    let lost = format!(
        "UPDATE conversation.contact_export SET attempts = {ATTEMPTS} WHERE attempts = 1 AND worker IS NULL"
    );
    let database = rig.database().await;
    let are_lost = async || {
        let done = database.execute_unprepared(&lost).await.unwrap();
        (done.rows_affected() == 1).then_some(())
    };
    weft_testkit::eventually("the first attempt", PATIENCE, are_lost).await;
    let ended = tenant.export_once(&begun, |export| export.ended_at.is_some()).await;
    assert_eq!(ended.state(), Written::Failed);
    assert!(ended.reason.contains("in 16 attempts"), "{}", ended.reason);
}
