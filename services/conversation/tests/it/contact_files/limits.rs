//! What an import does not get past, and what of it goes.

use sea_orm::ConnectionTrait;
use weft_domain::ErrorCode;

use super::*;
use crate::media::Step;

/// So many attempts are made without getting on.
const ATTEMPTS: usize = 16;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_told_of_by_the_number_that_a_spreadsheet_shows(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    let file = "\u{feff}\r\n\nname,email\r\n\r\nMail,bad\r\n\n\r\n,\r\nFine,fine@example.com\n\
                \"Two\r\nlines\",bad\n\n\nLast,bad";
    let ended = tenant.import(file).await;
    assert_eq!(counts(&ended), (4, 1, 0, 3));
    let told: Vec<u64> = tenant.errors(&ended).await.iter().map(|error| error.row).collect();
    assert_eq!(told, [5, 10, 13]);

    // each with an empty line behind it, and read in two goes
    let rows = (0..900).map(|n| format!("Person {n},person{n}@example.com{}\r\n\r\n", " ".repeat(500)));
    let file: String = std::iter::once("name,email\r\n".to_owned()).chain(rows).collect();
    let file_id = rig.files.add_csv(tenant.id, file + "Last,bad");
    rig.files.next_readings([Reading::BreaksOff(320 * 1024)]);
    let request = StartContactImportRequest { file_id, ..Default::default() };
    let begun = tenant.begin_import(request).await.unwrap();
    let ended = tenant.until_over(&begun, TimeDelta::seconds(1)).await;
    assert_eq!(counts(&ended), (901, 900, 0, 1));
    assert_eq!(tenant.errors(&ended).await[0].row, 2 + 2 * 900);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_has_500_columns_at_most() {
    let rig = Rig::new(Engine::Sqlite).await;
    let tenant = rig.tenant().manager();
    let file = |columns: usize| {
        let rest: String = (1..columns).map(|n| format!(",Column {n}")).collect();
        format!("name{rest}\nAda\n")
    };
    let left_out = |columns: usize| StartContactImportRequest {
        columns: (1..=columns).map(|n| (format!("COLUMN {n}"), String::new())).collect(),
        ..Default::default()
    };
    let ended = tenant.import_as(file(500), left_out(499)).await;
    assert_eq!((ended.state(), counts(&ended)), (Taken::Done, (1, 1, 0, 0)), "{}", ended.reason);

    let ended = tenant.import_as(file(501), left_out(500)).await;
    assert_eq!(ended.state(), Taken::Failed);
    assert!(ended.reason.contains("500 columns; this one has 501"), "{}", ended.reason);

    let file_id = rig.files.add_csv(tenant.id, file(2));
    let request = StartContactImportRequest { file_id, ..left_out(501) };
    let refused = tenant.begin_import(request).await.unwrap_err();
    assert_eq!(fault(&refused), ("invalid_field", Some("columns")));
    assert!(refused.message().contains("500 columns"), "{refused}");
}

#[rstest]
#[case::a_dry_run_begins_anew_each_time(true, 320 * 1024, ATTEMPTS)]
#[case::a_dry_run_cannot_even_begin(true, 0, ATTEMPTS)]
#[case::what_writes_gets_on_once(false, 320 * 1024, 1 + ATTEMPTS)]
#[case::what_writes_cannot_even_begin(false, 0, ATTEMPTS)]
#[tokio::test(flavor = "multi_thread")]
async fn what_gets_on_no_more_ends_after_so_many_attempts(
    #[case] dry_run: bool,
    #[case] breaks_off: usize,
    #[case] attempts: usize,
) {
    let rig = Rig::new(Engine::Sqlite).await;
    let tenant = rig.tenant().manager();
    tenant.define_of("contact", "note", "text", &[]).await.unwrap();
    let file_id = rig.files.add_csv(tenant.id, crowd(1_300));
    rig.files.next_readings(vec![Reading::BreaksOff(breaks_off); 40]);
    let request = StartContactImportRequest { file_id, dry_run, ..Default::default() };
    let begun = tenant.begin_import(request).await.unwrap();
    let ended = tenant.until_over(&begun, TimeDelta::minutes(1)).await;
    assert_eq!(ended.state(), Taken::Failed);
    assert!(!ended.reason.is_empty());
    assert_eq!(40 - rig.files.readings_left(), attempts);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_of_the_storage_passes_and_an_import_goes_on(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
    #[values(false, true)] dry_run: bool,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    tenant.define_of("contact", "note", "text", &[]).await.unwrap();
    let file_id = rig.files.add_csv(tenant.id, crowd(1_300));
    rig.files.refuse_next(Step::Read, ErrorCode::Internal);
    rig.files.next_readings([Reading::Fails(0), Reading::Fails(400 * 1024)]);
    let request = StartContactImportRequest { file_id, dry_run, ..Default::default() };
    let begun = tenant.begin_import(request).await.unwrap();
    let ended = tenant.until_over(&begun, TimeDelta::seconds(1)).await;
    assert_eq!((ended.state(), counts(&ended)), (Taken::Done, (1_300, 1_300, 0, 0)), "{}", ended.reason);
    assert_eq!((rig.files.has_refused(), rig.files.readings_left()), (true, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_every_worker_down_ends_after_so_many_attempts() {
    let rig = Rig::new(Engine::Postgres).await;
    let tenant = rig.tenant().manager();
    let file_id = rig.files.add_csv(tenant.id, "name\nAda\n");
    // the first worker is never heard of again
    rig.files.next_readings([Reading::Waits(0, Arc::new(Semaphore::new(0)))]);
    let request = StartContactImportRequest { file_id, dry_run: true, ..Default::default() };
    let begun = tenant.begin_import(request).await.unwrap();
    let is_read = async || (rig.files.readings_left() == 0).then_some(());
    weft_testkit::eventually("the first worker", PATIENCE, is_read).await;
    let lost = format!("UPDATE conversation.contact_import SET layout = '{{\"attempts\": {ATTEMPTS}}}'");
    rig.database().await.execute_unprepared(&lost).await.unwrap();
    let ended = tenant.until_over(&begun, TimeDelta::seconds(10)).await;
    assert_eq!(ended.state(), Taken::Failed);
    assert!(ended.reason.contains("in 16 attempts"), "{}", ended.reason);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_that_broke_off_counts_each_row_once(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    tenant.define_of("contact", "note", "text", &[]).await.unwrap();
    // the last one is in it twice, and the first one cannot be taken
    let file = crowd(1_300).replacen("person0@example.com", "bad", 1);
    let file_id = rig.files.add_csv(tenant.id, file + "Again,person1@example.com,\n");
    rig.files.next_readings([Reading::BreaksOff(400 * 1024), Reading::BreaksOff(500 * 1024)]);
    let request = StartContactImportRequest { file_id, dry_run: true, ..Default::default() };
    let begun = tenant.begin_import(request).await.unwrap();
    let ended = tenant.until_over(&begun, TimeDelta::seconds(1)).await;
    assert_eq!((ended.state(), counts(&ended)), (Taken::Done, (1_301, 1_299, 1, 1)), "{}", ended.reason);
    assert_eq!(tenant.errors(&ended).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_holds_up_no_import() {
    let rig = Rig::new(Engine::Sqlite).await;
    let tenant = rig.tenant().manager();
    tenant.define_of("contact", "note", "text", &[]).await.unwrap();
    let file_id = rig.files.add_csv(tenant.id, crowd(1_300));
    let on = Arc::new(Semaphore::new(0));
    rig.files.next_readings([Reading::Waits(320 * 1024, on.clone())]);
    let request = StartContactImportRequest { file_id, dry_run: true, ..Default::default() };
    let begun = tenant.begin_import(request).await.unwrap();
    let has_begun = async || (tenant.import_now(&begun).await.row_count > 0).then_some(());
    weft_testkit::eventually("the first rows", PATIENCE, has_begun).await;

    let other = rig.tenant().manager();
    let second = tokio::time::timeout(Duration::from_secs(10), other.import("name\nAda\n")).await;
    assert_eq!(second.expect("it waits for nobody").state(), Taken::Done);
    on.add_permits(1_000);
    let ended = tenant.until_taken(&begun).await;
    assert_eq!((ended.state(), counts(&ended)), (Taken::Done, (1_300, 1_300, 0, 0)));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rows_that_could_not_be_taken_are_forgotten_after_90_days(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant().manager();
    let file = "name,email\nBad,bad\nWorse,worse\nFine,fine@example.com\n";
    let old = tenant.import(file).await;
    rig.clock.advance(TimeDelta::days(50));
    let new = tenant.import(file).await;
    rig.clock.advance(TimeDelta::days(41));
    // a new process looks at once
    rig.replica().await;
    let forgotten = async || tenant.errors(&old).await.is_empty().then_some(());
    weft_testkit::eventually("that errors are forgotten", PATIENCE, forgotten).await;
    assert_eq!(tenant.errors(&new).await.len(), 2);
    assert_eq!(counts(&tenant.import_now(&old).await), (3, 1, 0, 2), "how many they were is still known");
}
