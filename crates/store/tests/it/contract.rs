use chrono::{TimeDelta, Utc};
use futures::future::join_all;
use rstest::rstest;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    sea_query::Expr,
};
use weft_domain::{Error, ErrorCode, Idempotency};
use weft_proto::Intent;
use weft_store::vault::Cell;

use crate::notes::{Engine, Fixture, Home, Sink, add, assert_body, event, note, spawn_relay, tenant};

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_change_and_its_events_commit_together_or_not_at_all(#[case] engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let scope = fixture.store.tenant(tenant());
    let kept = scope
        .write(|tx| async move {
            event(&tx, "kept");
            add(&tx, "kept").await
        })
        .await;
    assert!(kept.is_ok());
    let lost = scope
        .write(|tx| async move {
            event(&tx, "lost");
            add(&tx, "lost").await?;
            Err::<(), _>(Error::invalid("no", "no"))
        })
        .await;
    assert_eq!(lost.unwrap_err().reason(), "no");
    let rows = scope.read(|tx| async move { tx.all(note::Entity::find()).await }).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.text.as_str()).collect::<Vec<_>>(), ["kept"]);
    let sink = Sink::default();
    let (stop, task) = spawn_relay(&fixture.store, &sink);
    assert_eq!(sink.wait_for(1).await, ["kept"]);
    assert_body(&sink.0.lock().unwrap()[0]);
    stop.cancel();
    task.await.unwrap();
    assert_eq!(sink.0.lock().unwrap().len(), 1);
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn one_tenant_never_sees_or_touches_another(#[case] engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let (ours, theirs) = (fixture.store.tenant(tenant()), fixture.store.tenant(tenant()));
    let id = ours.write(|tx| async move { add(&tx, "ours").await }).await.unwrap();
    theirs.write(|tx| async move { add(&tx, "ours").await }).await.expect("unique means unique per tenant");
    let found = theirs
        .write(|tx| async move {
            let by_id = note::Entity::find().filter(note::Column::Id.eq(id));
            let seen = tx.one(by_id).await?;
            let update = note::Entity::update_many()
                .col_expr(note::Column::Text, Expr::value("stolen"))
                .filter(note::Column::Id.eq(id));
            let updated = tx.update(update).await?;
            let deleted = tx.delete(note::Entity::delete_many().filter(note::Column::Id.eq(id))).await?;
            let raw =
                tx.execute("DELETE FROM note WHERE tenant_id = $1 AND id = $2", vec![id.into()]).await?;
            Ok((seen, updated, deleted, raw, tx.count(note::Entity::find()).await?))
        })
        .await
        .unwrap();
    assert_eq!(found, (None, 0, 0, 0, 1));
    let stolen = &note::Model { tenant_id: uuid::Uuid::nil(), id, text: "saved".into(), secret: None };
    theirs
        .write(|tx| async move { tx.save_all(vec![stolen.clone().into_active_model().reset_all()]).await })
        .await
        .expect("an id of theirs is free among ours");
    let still = ours.read(|tx| async move { tx.get("note", note::Entity::find()).await }).await.unwrap();
    assert_eq!(still.text, "ours");
    let unscoped =
        ours.write(|tx| async move { tx.execute("DELETE FROM note WHERE id = $1", vec![]).await }).await;
    assert_eq!(unscoped.unwrap_err().code(), ErrorCode::Internal);
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_writers_all_get_through_and_events_keep_commit_order(#[case] engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let scope = fixture.store.tenant(tenant());
    let sink = Sink::default();
    let (stop, task) = spawn_relay(&fixture.store, &sink);
    let writes = (0..100).map(|n| {
        let scope = scope.clone();
        async move {
            let text = format!("{n:03}");
            let text = &text;
            scope
                .write(|tx| async move {
                    event(&tx, text);
                    add(&tx, text).await
                })
                .await
        }
    });
    assert!(join_all(writes).await.into_iter().all(|result| result.is_ok()));
    for n in 100..110 {
        let text = format!("{n:03}");
        let text = &text;
        scope
            .write(|tx| async move {
                event(&tx, text);
                add(&tx, text).await
            })
            .await
            .unwrap();
    }
    let keys = sink.wait_for(110).await;
    assert_eq!(keys[100..], (100..110).map(|n| n.to_string()).collect::<Vec<_>>());
    stop.cancel();
    task.await.unwrap();
    let mut unique = keys.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), 110);
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_is_cancelled_harms_nobody(#[case] engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let scope = fixture.store.tenant(tenant());
    let (reached, at_the_point) = tokio::sync::oneshot::channel();
    let reached = std::sync::Mutex::new(Some(reached));
    let (waiting, patient) = (&reached, &scope);
    let cancelled = async {
        patient
            .write(|tx| async move {
                add(&tx, "cancelled").await?;
                waiting.lock().unwrap().take().unwrap().send(()).unwrap();
                std::future::pending::<weft_domain::Result<()>>().await
            })
            .await
    };
    tokio::select! {
        _ = cancelled => unreachable!("it never ends"),
        done = at_the_point => done.unwrap(),
    }
    scope.write(|tx| async move { add(&tx, "next").await }).await.unwrap();
    let rows = scope.read(|tx| async move { tx.all(note::Entity::find()).await }).await.unwrap();
    assert_eq!(rows.iter().map(|row| row.text.as_str()).collect::<Vec<_>>(), ["next"]);
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_idempotency_key_gives_the_first_answer_again(#[case] engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let scope = fixture.store.tenant(tenant());
    let key = |digest| Idempotency {
        principal: "user_a".into(),
        method: "/m".into(),
        key: "k".into(),
        digest: [digest; 32],
    };
    let run = |once: Idempotency, text: &'static str| {
        let scope = scope.clone();
        let mut intent = Intent::default();
        intent.idempotency = Some(once);
        async move {
            scope.write_once(&intent, |tx| async move { add(&tx, text).await.map(|id| id.to_string()) }).await
        }
    };
    let answers = join_all((0..10).map(|_| run(key(1), "once"))).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| !answer.replayed).count(), 1);
    assert!(answers.iter().all(|answer| answer.value == answers[0].value));
    let other = run(key(2), "other").await.unwrap_err();
    assert_eq!((other.code(), other.reason()), (ErrorCode::Precondition, "idempotency_key_reused"));
    let refused = Idempotency { key: "refused".into(), ..key(3) };
    assert_eq!(run(refused.clone(), "once").await.unwrap_err().reason(), "already_exists");
    assert!(!run(refused, "a refusal is not kept").await.unwrap().replayed);
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn old_answers_and_events_are_forgotten_but_never_an_event_that_waits(#[case] engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let scope = fixture.store.tenant(tenant());
    let answer = |key: &str| {
        let (scope, key) = (scope.clone(), key.to_owned());
        let mut intent = Intent::default();
        intent.idempotency =
            Some(Idempotency { principal: "a".into(), method: "/m".into(), key, digest: [1; 32] });
        async move { scope.write_once(&intent, |_| async { Ok(String::new()) }).await.unwrap().replayed }
    };
    let emit = |text: &'static str| {
        scope.write(move |tx| async move {
            event(&tx, text);
            Ok(())
        })
    };
    let age = async |table: &str, key: &str, days: i64| {
        let then = Utc::now() - TimeDelta::days(days);
        let sql = &format!("UPDATE {table} SET created_at = $2 WHERE tenant_id = $1 AND key = $3");
        let change = |tx: weft_store::Tx| async move { tx.execute(sql, vec![then.into(), key.into()]).await };
        assert_eq!(scope.write(change).await.unwrap(), 1);
    };
    assert!(!answer("old").await && !answer("young").await);
    age("idempotency", "old", 3).await;
    age("idempotency", "young", 1).await;
    emit("old").await.unwrap();
    emit("young").await.unwrap();
    let sink = Sink::default();
    let (stop, task) = spawn_relay(&fixture.store, &sink);
    sink.wait_for(2).await;
    stop.cancel();
    task.await.unwrap();
    emit("waits").await.unwrap();
    for (event, days) in [("old", 8), ("young", 6), ("waits", 8)] {
        age("outbox", event, days).await;
    }

    fixture.store.prune().await.unwrap();
    assert!(!answer("old").await && answer("young").await);
    let kept = scope.read(|tx| async move {
        tx.query::<Key>("SELECT key FROM outbox WHERE tenant_id = $1 ORDER BY id", vec![]).await
    });
    let kept: Vec<_> = kept.await.unwrap().into_iter().map(|row| row.key).collect();
    assert_eq!(kept, ["young", "waits"]);
}

#[derive(FromQueryResult)]
struct Key {
    key: String,
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_value_opens_only_in_its_own_cell(#[case] engine: Engine) {
    let fixture = Fixture::new(engine).await;
    let (ours, theirs) = (fixture.store.tenant(tenant()), fixture.store.tenant(tenant()));
    let row = uuid::Uuid::now_v7();
    let cell = Cell { table: "note", column: "secret", row };
    let sealed =
        ours.write(|tx| async move { tx.vault().seal(&tx, cell, b"canary-7f3a").await }).await.unwrap();
    let sealed = &sealed;
    let opened = ours.read(|tx| async move { tx.vault().open(&tx, cell, sealed).await }).await.unwrap();
    assert_eq!(weft_crypto::ExposeSecret::expose_secret(&opened).as_slice(), b"canary-7f3a");
    theirs.write(|tx| async move { tx.vault().seal(&tx, cell, b"x").await }).await.unwrap();
    assert!(theirs.read(|tx| async move { tx.vault().open(&tx, cell, sealed).await }).await.is_err());
    for moved in [
        Cell { table: "other", ..cell },
        Cell { column: "text", ..cell },
        Cell { row: uuid::Uuid::now_v7(), ..cell },
    ] {
        assert!(ours.read(|tx| async move { tx.vault().open(&tx, moved, sealed).await }).await.is_err());
    }
    let again = fixture.again().await.tenant(ours.read(|tx| async move { Ok(tx.tenant()) }).await.unwrap());
    again
        .read(|tx| async move { tx.vault().open(&tx, cell, sealed).await })
        .await
        .expect("after a restart, too");
    if let Home::Folder(folder) = &fixture.home {
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            assert!(!bytes.windows(11).any(|window| window == b"canary-7f3a"));
        }
    }
}

#[rstest]
#[case(Engine::Sqlite)]
#[case(Engine::Postgres)]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_refused_by_the_bus_is_handed_on_again_with_the_same_id(#[case] engine: Engine) {
    let fixture = Fixture::new(engine).await;
    fixture
        .store
        .tenant(tenant())
        .write(|tx| async move {
            event(&tx, "e");
            Ok(())
        })
        .await
        .unwrap();
    let seen = std::sync::Mutex::new(Vec::new());
    let stop = tokio_util::sync::CancellationToken::new();
    let (seen_by, ending) = (&seen, stop.clone());
    let sink = |events: Vec<weft_store::Pending>| {
        let ending = ending.clone();
        async move {
            let mut ids = seen_by.lock().unwrap();
            ids.push(events[0].id);
            if ids.len() == 1 {
                return Err(Error::unavailable("bus_down"));
            }
            ending.cancel();
            Ok(())
        }
    };
    fixture.store.relay(sink, stop.clone()).await.unwrap();
    let ids = seen.lock().unwrap().clone();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
}
