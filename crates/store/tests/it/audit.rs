use rstest::rstest;
use sea_orm::EntityTrait;
use weft_domain::Idempotency;
use weft_proto::{Intent, compliance::v1::AuditRecord};
use weft_store::Topic;

use crate::notes::{Engine, Fixture, Sink, add, event, note, spawn_relay, tenant};

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_to_the_audit_log_does_not_happen(#[case] engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let scope = fixture.store.tenant(tenant());
    let intent = &Intent::without_request("user_a", "note.create");
    let write = async |text: &'static str| {
        scope.write_once(intent, |tx| async move { add(&tx, text).await.map(|id| id.to_string()) }).await
    };
    write("told").await.unwrap();
    let (sqlite, postgres) = (
        "CREATE TRIGGER no_audit BEFORE INSERT ON outbox WHEN NEW.topic = 'audit' BEGIN SELECT RAISE(ABORT, 'full'); END",
        "ALTER TABLE notes.outbox ADD CONSTRAINT no_audit CHECK (topic <> 'audit') NOT VALID",
    );
    fixture.as_owner(if fixture.store.is_postgres() { postgres } else { sqlite }).await;
    assert!(write("not told").await.is_err());
    let quiet = Intent::default();
    scope
        .write_once(&quiet, |tx| async move { add(&tx, "not audited").await.map(|id| id.to_string()) })
        .await
        .unwrap();
    let rows = scope.read(|tx| async move { tx.all(note::Entity::find()).await }).await.unwrap();
    let mut kept: Vec<_> = rows.iter().map(|row| row.text.as_str()).collect();
    kept.sort_unstable();
    assert_eq!(kept, ["not audited", "told"]);
    let sink = Sink::default();
    let (stop, task) = spawn_relay(&fixture.store, &sink);
    sink.wait_for(1).await;
    stop.cancel();
    task.await.unwrap();
    let handed = sink.0.lock().unwrap().clone();
    assert_eq!(handed.iter().map(|one| one.topic).collect::<Vec<_>>(), [Topic::Audit]);
    let record: AuditRecord = weft_proto::json::decode(&handed[0].body).unwrap();
    assert_eq!((record.actor.as_str(), record.action.as_str()), ("user_a", "note.create"));
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_call_is_told_of_once_and_a_refused_one_never(#[case] engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let scope = fixture.store.tenant(tenant());
    let mut intent = Intent::without_request("user_a", "note.create");
    intent.idempotency = Some(Idempotency {
        principal: "user_a".into(),
        method: "/m".into(),
        key: "k".into(),
        digest: [1; 32],
    });
    let intent = &intent;
    for replayed in [false, true, true] {
        let once =
            scope.write_once(intent, |tx| async move { add(&tx, "once").await.map(|id| id.to_string()) });
        assert_eq!(once.await.unwrap().replayed, replayed);
    }
    let plain = &Intent::without_request("user_a", "note.create");
    let taken = scope.write_once(plain, |tx| async move { add(&tx, "once").await.map(|id| id.to_string()) });
    assert_eq!(taken.await.unwrap_err().reason(), "already_exists");
    event_and_stop(&fixture).await;
}

/// With the last event handed on, all before it have been.
async fn event_and_stop(fixture: &Fixture) {
    fixture
        .store
        .tenant(tenant())
        .write(|tx| async move {
            event(&tx, "last");
            Ok(())
        })
        .await
        .unwrap();
    let sink = Sink::default();
    let (stop, task) = spawn_relay(&fixture.store, &sink);
    sink.wait_for(2).await;
    stop.cancel();
    task.await.unwrap();
    let topics: Vec<_> = sink.0.lock().unwrap().iter().map(|one| one.topic).collect();
    assert_eq!(topics, [Topic::Audit, Topic::Events]);
}
