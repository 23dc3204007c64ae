use sea_orm::{ConnectionTrait, Database, DbBackend, Statement, TransactionTrait};
use weft_testkit::eventually;

use crate::notes::{Engine, Fixture, Home, Notes, Sink, add, event, spawn_relay, tenant};

async fn raw(fixture: &Fixture) -> (sea_orm::DatabaseConnection, sea_orm::DatabaseConnection) {
    let Home::Postgres(database) = &fixture.home else { unreachable!("PostgreSQL") };
    let mut options = sea_orm::ConnectOptions::new(&database.service_url);
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(|o| o.options([("search_path", "notes")]));
    let service = Database::connect(options).await.unwrap();
    (service, Database::connect(&database.owner_url).await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_tenant_a_query_fails_loudly_before_and_after_serving_one() {
    let fixture = Fixture::new(Engine::Postgres).await;
    let ours = tenant();
    fixture.store.tenant(ours).write(|tx| async move { add(&tx, "x").await }).await.unwrap();
    let (service, _) = raw(&fixture).await;
    assert!(service.execute_unprepared("SELECT * FROM note").await.is_err());
    let transaction = service.begin().await.unwrap();
    transaction
        .execute_unprepared(&format!("SELECT set_config('app.tenant', '{}', true)", ours.uuid()))
        .await
        .unwrap();
    let rows = transaction
        .query_all_raw(Statement::from_string(DbBackend::Postgres, "SELECT 1 FROM note"))
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    transaction.commit().await.unwrap();
    assert!(
        service.execute_unprepared("SELECT * FROM note").await.is_err(),
        "the setting ended with its transaction"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_with_a_tenant_is_behind_the_second_wall() {
    let fixture = Fixture::new(Engine::Postgres).await;
    let (_, owner) = raw(&fixture).await;
    let sql = "SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS walled, \
                 (SELECT count(*) FROM pg_policies p WHERE p.schemaname = 'notes' AND p.tablename = c.relname \
                    AND p.roles = '{weft_service}' AND p.qual LIKE '%app.tenant%' AND p.with_check LIKE '%app.tenant%') AS policies \
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid \
               WHERE n.nspname = 'notes' AND c.relkind = 'r' AND a.attname = 'tenant_id'";
    let rows = owner.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    assert!(rows.len() >= 4, "outbox, idempotency, data_key, note");
    for row in rows {
        let name: String = row.try_get("", "name").unwrap();
        assert!(row.try_get::<bool>("", "walled").unwrap(), "{name}");
        assert_eq!(row.try_get::<i64>("", "policies").unwrap(), 1, "{name}");
    }
    let roles = "SELECT rolname FROM pg_roles WHERE rolname IN ('weft_service', 'weft_system') AND (rolsuper OR rolbypassrls)";
    assert!(
        owner.query_all_raw(Statement::from_string(DbBackend::Postgres, roles)).await.unwrap().is_empty()
    );
}

/// TX-2: the first transaction draws its id first and commits last.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_commits_late_is_not_skipped() {
    let fixture = Fixture::new(Engine::Postgres).await;
    let scope = fixture.store.tenant(tenant());
    let sink = Sink::default();
    let (stop, task) = spawn_relay(&fixture.store, &sink);
    let (wrote, has_written) = tokio::sync::oneshot::channel();
    let (release, released) = tokio::sync::oneshot::channel::<()>();
    let hooks = std::sync::Mutex::new(Some((wrote, released)));
    let (late_hooks, late_scope) = (&hooks, &scope);
    let late = late_scope.write(|tx| async move {
        event(&tx, "late");
        add(&tx, "late").await?;
        let (wrote, released) = late_hooks.lock().unwrap().take().unwrap();
        wrote.send(()).unwrap();
        released.await.unwrap();
        Ok(())
    });
    let early = async {
        has_written.await.unwrap();
        scope
            .write(|tx| async move {
                event(&tx, "early");
                add(&tx, "early").await
            })
            .await
            .unwrap();
        release.send(()).unwrap();
    };
    let (late, ()) = tokio::join!(late, early);
    late.unwrap();
    let mut keys = sink.wait_for(2).await;
    keys.sort();
    assert_eq!(keys, ["early", "late"]);
    stop.cancel();
    task.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_replicas_migrate_and_relay_without_doubling() {
    let fixture = Fixture::new(Engine::Postgres).await;
    let replicas = futures::future::join_all((0..4).map(|_| fixture.again())).await;
    let migrated = futures::future::join_all(replicas.iter().map(|store| store.migrate::<Notes>())).await;
    assert!(migrated.into_iter().all(|result| result.is_ok()));
    let sink = Sink::default();
    let relays: Vec<_> = replicas.iter().map(|store| spawn_relay(store, &sink)).collect();
    let scope = fixture.store.tenant(tenant());
    for n in 0..200 {
        let text = format!("{n:03}");
        let text = &text;
        scope
            .write(|tx| async move {
                event(&tx, text);
                Ok(())
            })
            .await
            .unwrap();
    }
    let keys = sink.wait_for(200).await;
    for (stop, task) in relays {
        stop.cancel();
        task.await.unwrap();
    }
    assert_eq!(sink.0.lock().unwrap().len(), 200);
    assert_eq!(keys, (0..200).map(|n| format!("{n:03}")).collect::<Vec<_>>());
    let age = eventually("the outbox is empty", std::time::Duration::from_secs(5), async || {
        fixture.store.outbox_age_seconds().await.ok().filter(|age| *age == 0.0)
    });
    age.await;
}

/// Rows are kept for days after they were handed on, so that whoever compares them all does so for each new one.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_finds_what_is_new_among_much_that_is_not_by_its_index() {
    let fixture = Fixture::new(Engine::Postgres).await;
    let (_, owner) = raw(&fixture).await;
    let old = format!(
        "INSERT INTO notes.outbox (tenant_id, event_id, topic, subject, kind, source, key, body, created_at) \
         SELECT '{tenant}', gen_random_uuid(), 'events', 's', 'k', '/notes', 'old', repeat('x', 600)::bytea, now() \
         FROM generate_series(1, 100000); \
         UPDATE notes.outbox_position SET (last_xid, last_id) = (SELECT max(xid::text::bigint)::text::xid8, max(id) FROM notes.outbox)",
        tenant = tenant().uuid()
    );
    let Home::Postgres(database) = &fixture.home else { unreachable!("PostgreSQL") };
    let system = Database::connect(&database.system_url).await.unwrap();
    system.execute_unprepared(&old).await.unwrap();
    owner.execute_unprepared("ANALYZE notes.outbox").await.unwrap();
    let sink = Sink::default();
    let (stop, task) = spawn_relay(&fixture.store, &sink);
    let scope = fixture.store.tenant(tenant());
    let wrote = scope.write(|tx| async move {
        event(&tx, "new");
        Ok(())
    });
    wrote.await.unwrap();
    assert_eq!(sink.wait_for(1).await, ["new"]);
    // What a connection has done is counted a moment later.
    let read = eventually("the index is used", std::time::Duration::from_secs(10), async || {
        let sql = "SELECT seq_tup_read AS compared, (SELECT idx_scan FROM pg_stat_user_indexes \
                     WHERE schemaname = 'notes' AND indexrelname = 'ix_outbox_order') AS entered \
                   FROM pg_stat_user_tables WHERE schemaname = 'notes' AND relname = 'outbox'";
        let row =
            owner.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
        let entered: i64 = row.try_get("", "entered").unwrap();
        (entered > 0).then(|| row.try_get::<i64>("", "compared").unwrap())
    });
    let compared = read.await;
    stop.cancel();
    task.await.unwrap();
    // By the statement that set the position, at most.
    assert!(compared <= 100_000, "the relay compared {compared} rows");
}
