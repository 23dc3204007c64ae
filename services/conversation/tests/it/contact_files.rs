//! Contacts from files.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::TimeDelta;
use rstest::rstest;
use tokio::sync::Semaphore;
use tonic::transport::Channel;
use weft_domain::{Result, Role, id};
use weft_proto::{
    conversation::v1::{
        CancelContactImportRequest, Contact, ContactImport, ContactImportError, CreateContactRequest,
        GetContactImportRequest, ListContactImportErrorsRequest, ListContactsRequest,
        StartContactImportRequest, UpdateContactRequest, contact_files_client::ContactFilesClient,
        contact_import::State as Taken,
    },
    events::v1::{ContactCreated, ContactImportUpdated},
};

use crate::{
    adapter::Tenant,
    agent::{answer, fault},
    media::Reading,
    rig::{Engine, Rig},
};

mod known_by;
mod limits;

const PATIENCE: Duration = Duration::from_secs(40);

impl Tenant<'_> {
    pub(crate) fn files_client(&self) -> ContactFilesClient<Channel> {
        ContactFilesClient::new(self.rig.channel.clone())
    }

    /// Somebody of this tenant who may take contacts from files.
    pub(crate) fn manager(&self) -> Self {
        self.another(Role::Manager)
    }

    async fn begin_import(&self, request: StartContactImportRequest) -> Result<ContactImport> {
        answer(self.files_client().start_contact_import(self.signed(request)).await)
    }

    async fn import_now(&self, import: &ContactImport) -> ContactImport {
        let request = self.signed(GetContactImportRequest { id: import.id.clone() });
        answer(self.files_client().get_contact_import(request).await).unwrap()
    }

    /// The import's end, time passing in steps: what broke off goes on a little later.
    async fn until_over(&self, import: &ContactImport, step: TimeDelta) -> ContactImport {
        weft_testkit::eventually("the end of an import", PATIENCE, async || {
            self.rig.clock.advance(step);
            Some(self.import_now(import).await).filter(|import| import.ended_at.is_some())
        })
        .await
    }

    async fn until_taken(&self, import: &ContactImport) -> ContactImport {
        let is_end = |event: &ContactImportUpdated| {
            event.contact_import.as_ref().is_some_and(|told| told.id == import.id && told.ended_at.is_some())
        };
        self.until::<ContactImportUpdated>("the end of an import", is_end).await.contact_import.unwrap()
    }

    /// Takes contacts from a file with these bytes to its end.
    pub(crate) async fn import(&self, file: impl Into<Vec<u8>>) -> ContactImport {
        self.import_as(file, StartContactImportRequest::default()).await
    }

    async fn import_as(&self, file: impl Into<Vec<u8>>, request: StartContactImportRequest) -> ContactImport {
        let file_id = self.rig.files.add_csv(self.id, file);
        let begun = self.begin_import(StartContactImportRequest { file_id, ..request }).await.unwrap();
        assert_eq!(begun.state(), Taken::Running);
        self.until_taken(&begun).await
    }

    pub(crate) async fn errors(&self, import: &ContactImport) -> Vec<ContactImportError> {
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = ListContactImportErrorsRequest { id: import.id.clone(), page_size: 2, page_token };
            let answered = self.files_client().list_contact_import_errors(self.signed(request)).await;
            let page = answer(answered).unwrap();
            all.extend(page.items);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }

    /// All contacts by their names.
    pub(crate) async fn everybody(&self) -> BTreeMap<String, Contact> {
        let (mut all, mut page_token) = (BTreeMap::new(), String::new());
        loop {
            let request = ListContactsRequest { page_size: 200, page_token, ..Default::default() };
            let page = answer(self.contacts().list_contacts(self.signed(request)).await).unwrap();
            for contact in page.items {
                let name = contact.name.clone();
                assert!(all.insert(name.clone(), contact).is_none(), "{name} is here twice");
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return all;
            }
        }
    }

    pub(crate) async fn new_contact(&self, name: &str, email: &str, phone: &str) -> Contact {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let request = CreateContactRequest {
            name: name.into(),
            email: given(email),
            phone: given(phone),
            language: None,
        };
        answer(self.contacts().create_contact(self.signed(request)).await).unwrap()
    }
}

pub(crate) fn counts(import: &ContactImport) -> (u64, u64, u64, u64) {
    (import.row_count, import.created_count, import.updated_count, import.failed_count)
}

/// A file of so many people.
fn crowd(size: usize) -> String {
    let rows = (0..size).map(|n| format!("Person {n},person{n}@example.com,{}\n", "x".repeat(500)));
    std::iter::once("name,email,fields.note\n".to_owned()).chain(rows).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_makes_contacts_and_changes_those_that_there_are(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    tenant.new_contact("Ada", "ada@example.com", "").await;
    let file = "\u{feff}Name;E-Mail;Phone;Tags;Firma\r\n\
                Ada Lovelace;ADA@Example.com;+44 20 7946 0958;VIP; x\r\n\
                \"Bert; \"\"the\r\nbuilder\"\"\";;+49 30 901820;\"a\\;b\"; y\r\n\
                ;;;;\r\n\
                Bert again;bert@example.com;+4930901820;;\r\n";
    let columns = [("e-mail".to_owned(), "email".to_owned()), ("Firma".into(), String::new())];
    let request = StartContactImportRequest { columns: columns.into(), ..Default::default() };
    let ended = tenant.import_as(file, request).await;
    assert_eq!((ended.state(), ended.reason.as_str()), (Taken::Done, ""));
    assert_eq!(counts(&ended), (3, 1, 2, 0), "{:?}", tenant.errors(&ended).await);
    assert!((ended.progress - 1.0).abs() < f64::EPSILON);

    let all = tenant.everybody().await;
    assert_eq!(all.keys().collect::<Vec<_>>(), ["Ada Lovelace", "Bert again"]);
    let ada = &all["Ada Lovelace"];
    assert_eq!((ada.phone.as_deref(), ada.tags.as_slice()), (Some("+442079460958"), &["vip".to_owned()][..]));
    let bert = &all["Bert again"];
    assert_eq!(
        (bert.email.as_deref(), bert.tags.as_slice()),
        (Some("bert@example.com"), &["a;b".to_owned()][..])
    );
    let told =
        |event: &ContactCreated| event.contact.as_ref().unwrap().phone.as_deref() == Some("+4930901820");
    tenant.until("the new contact", told).await;
    let tagged = ListContactsRequest { tag: Some("a;b".into()), ..Default::default() };
    assert_eq!(answer(tenant.contacts().list_contacts(tenant.signed(tagged)).await).unwrap().items.len(), 1);
    assert_eq!(rig.tenant().everybody().await.len(), 0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_taken_is_told_of_and_harms_no_other(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    tenant.define_of("contact", "amount", "number", &[]).await.unwrap();
    tenant.new_contact("One", "one@example.com", "").await;
    tenant.new_contact("Two", "", "+442079460958").await;
    let mut file = b"name,email,phone,fields.amount,tags\n\
        Fine,fine@example.com,,12.5,\n\
        Mail,nonsense,,,\n\
        Phone,,12,,\n\
        Both,one@example.com,+442079460958,,\n\
        Amount,amount@example.com,,much,\n\
        ,,,5,\n\
        Extra,extra@example.com,,,,more\n"
        .to_vec();
    file.extend(b"caf\xe9,cafe@example.com,,,\nLast,last@example.com,,-3,vip\n");
    let ended = tenant.import(file).await;
    assert_eq!(counts(&ended), (9, 2, 0, 7));
    let errors = tenant.errors(&ended).await;
    let told: Vec<(u64, &str, &str)> =
        errors.iter().map(|one| (one.row, one.column.as_str(), one.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            (3, "email", "invalid_field"),
            (4, "phone", "invalid_field"),
            (5, "", "ambiguous_contact"),
            (6, "fields.amount", "invalid_field"),
            (7, "", "nobody_named"),
            (8, "", "too_many_cells"),
            (9, "", "not_utf8"),
        ]
    );
    assert!(errors.iter().all(|one| !one.message.is_empty()));
    let all = tenant.everybody().await;
    assert_eq!(all.keys().collect::<Vec<_>>(), ["Fine", "Last", "One", "Two"]);
    assert_eq!(all["One"].phone, None, "whoever was meant is as before");
}

#[rstest]
#[case("", "empty")]
#[case("\u{feff}\n", "empty")]
#[case("name,email,E-Mail\nx,y,z\n", "email")]
#[case("name,Firma\nx,y\n", "Firma")]
#[case("tags\nvip\n", "none of the columns")]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_says_why(#[case] file: &str, #[case] why: &str) {
    let rig = Rig::new(Engine::Sqlite).await;
    let tenant = rig.tenant().manager();
    let mut columns = BTreeMap::new();
    if file.contains("E-Mail") {
        columns.insert("E-Mail".to_owned(), "email".to_owned());
    }
    let request = StartContactImportRequest { columns: columns.into_iter().collect(), ..Default::default() };
    let ended = tenant.import_as(file, request).await;
    assert_eq!(ended.state(), Taken::Failed);
    assert!(ended.reason.contains(why), "{}", ended.reason);
    assert_eq!(tenant.everybody().await.len(), 0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_cannot_be_does_not_begin(#[values(Engine::Sqlite, Engine::Postgres)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    let file_id = rig.files.add_csv(tenant.id, "name\nAda\n");
    let large = rig.files.add_of_size(tenant.id, "large.csv", "text/csv", 60 * 1024 * 1024);
    let foreign = rig.files.add_csv(id::new(), "name\nAda\n");
    let unknown = BTreeMap::from([("Name".to_owned(), "nonsense".to_owned())]);
    let begin = |file_id: &str| StartContactImportRequest { file_id: file_id.into(), ..Default::default() };
    let wrong = Some("replace".to_owned());
    for (request, why) in [
        (begin(&foreign), ("unknown_file", Some("file_id"))),
        (begin(&large), ("file_too_large", Some("file_id"))),
        (
            StartContactImportRequest { columns: unknown.into_iter().collect(), ..begin(&file_id) },
            ("invalid_field", Some("columns")),
        ),
        (
            StartContactImportRequest { existing: wrong, ..begin(&file_id) },
            ("invalid_field", Some("existing")),
        ),
    ] {
        assert_eq!(fault(&tenant.begin_import(request).await.unwrap_err()), why);
    }
    let agent = tenant.another(Role::Agent);
    assert_eq!(
        agent.begin_import(begin(&file_id)).await.unwrap_err().code(),
        weft_domain::ErrorCode::Forbidden
    );

    let on = Arc::new(Semaphore::new(0));
    rig.files.next_readings([Reading::Waits(0, on.clone())]);
    let begun = tenant.begin_import(begin(&file_id)).await.unwrap();
    let second = tenant.begin_import(begin(&file_id)).await.unwrap_err();
    assert_eq!(fault(&second).0, "contact_import_running", "one at a time");
    on.add_permits(1_000);
    tenant.until_taken(&begun).await;
    let stranger = rig.tenant().manager();
    let request = stranger.signed(GetContactImportRequest { id: begun.id.clone() });
    let refused = answer(tenant.files_client().get_contact_import(request).await).unwrap_err();
    assert_eq!(fault(&refused).0, "not_found");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_counts_and_tells_and_writes_nothing(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    tenant.new_contact("One", "one@example.com", "").await;
    let file = "name,email,phone\nNew,new@example.com,+442079460958\nSame,,+44 20 7946 0958\n\
                Changed,one@example.com,\nBad,bad,\n";
    let dry = StartContactImportRequest { dry_run: true, ..Default::default() };
    let ended = tenant.import_as(file, dry).await;
    assert_eq!((ended.state(), ended.dry_run), (Taken::Done, true));
    assert_eq!(counts(&ended), (4, 1, 2, 1));
    assert_eq!(tenant.errors(&ended).await.len(), 1);
    assert_eq!(tenant.everybody().await.keys().collect::<Vec<_>>(), ["One"]);

    let skip = StartContactImportRequest { existing: Some("skip".into()), ..Default::default() };
    let ended = tenant.import_as(file, skip).await;
    assert_eq!(counts(&ended), (4, 1, 0, 3));
    let reasons: Vec<String> = tenant.errors(&ended).await.into_iter().map(|one| one.reason).collect();
    assert_eq!(reasons, ["contact_exists", "contact_exists", "invalid_field"]);
    assert_eq!(tenant.everybody().await.keys().collect::<Vec<_>>(), ["New", "One"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_row_is_taken_once_though_reading_breaks_off_and_replicas_compete(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    rig.replica().await;
    let tenant = rig.tenant().manager();
    tenant.define_of("contact", "note", "text", &[]).await.unwrap();
    let file_id = rig.files.add_csv(tenant.id, crowd(1_300));
    rig.files.next_readings([Reading::BreaksOff(400 * 1024), Reading::BreaksOff(500 * 1024)]);
    let request = StartContactImportRequest { file_id, ..Default::default() };
    let begun = tenant.begin_import(request).await.unwrap();
    let ended = tenant.until_over(&begun, TimeDelta::seconds(1)).await;
    assert_eq!(counts(&ended), (1_300, 1_300, 0, 0), "{}", ended.reason);
    assert_eq!(tenant.everybody().await.len(), 1_300);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_import_takes_no_further_row_and_keeps_what_it_took(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    tenant.define_of("contact", "note", "text", &[]).await.unwrap();
    let file_id = rig.files.add_csv(tenant.id, crowd(1_300));
    let on = Arc::new(Semaphore::new(0));
    rig.files.next_readings([Reading::Waits(320 * 1024, on.clone())]);
    let request = StartContactImportRequest { file_id, ..Default::default() };
    let begun = tenant.begin_import(request).await.unwrap();
    tenant.until("the first rows", |event: &ContactCreated| event.contact.is_some()).await;
    let cancel = CancelContactImportRequest { id: begun.id.clone() };
    let canceled = tenant.files_client().cancel_contact_import(tenant.signed(cancel.clone())).await;
    let canceled = answer(canceled).unwrap();
    assert_eq!(canceled.state(), Taken::Canceled);
    on.add_permits(1_000);
    let again = tenant.files_client().cancel_contact_import(tenant.signed(cancel)).await;
    assert_eq!(answer(again).unwrap(), canceled, "what has ended stays as it is");
    // another one may begin, and it comes after whatever the first one still did
    assert_eq!(tenant.import("name\nLast\n").await.state(), Taken::Done);
    let all = tenant.everybody().await;
    assert_eq!(all.len() as u64, canceled.created_count + 1);
    assert!(all.len() < 1_300);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_import_changes_what_the_file_says_and_leaves_what_an_agent_writes_meanwhile(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    let mut ids = Vec::new();
    let mut file = "email,tags\n".to_owned();
    for n in 0..40 {
        let email = format!("person{n}@example.com");
        ids.push(tenant.new_contact(&format!("Person {n}"), &email, "").await.id);
        file.push_str(&format!("{email},imported\n"));
    }
    let file_id = rig.files.add_csv(tenant.id, file);
    let request = StartContactImportRequest { file_id, ..Default::default() };
    let begun = tenant.begin_import(request).await.unwrap();
    for id in &ids {
        let language = Some("de".to_owned());
        let change = UpdateContactRequest { id: id.clone(), language, ..Default::default() };
        answer(tenant.contacts().update_contact(tenant.signed(change)).await).unwrap();
    }
    let ended = tenant.until_taken(&begun).await;
    assert_eq!(counts(&ended), (40, 0, 40, 0));
    for id in &ids {
        let contact = tenant.contact(id).await;
        let now = (contact.language.as_deref(), contact.tags.as_slice());
        assert_eq!(now, (Some("de"), &["imported".to_owned()][..]));
    }
}
