use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};

use crate::rig::{Engine, Rig};

/// TN-3: a table that was forgotten shows up here.
#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_behind_the_second_wall() {
    let rig = Rig::new(Engine::Postgres).await;
    let owner = Database::connect(&rig.home.database.as_ref().unwrap().owner_url).await.unwrap();
    let sql = "SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS walled, \
                 (SELECT count(*) FROM pg_policies p WHERE p.schemaname = 'directory' AND p.tablename = c.relname \
                    AND p.roles = '{weft_service}' AND p.qual LIKE '%app.tenant%' AND p.with_check LIKE '%app.tenant%') AS policies \
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE n.nspname = 'directory' AND c.relkind = 'r' \
                 AND c.relname NOT IN ('seaql_migrations', 'outbox_position')";
    let rows = owner.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    let mut names = Vec::new();
    for row in rows {
        let name: String = row.try_get("", "name").unwrap();
        assert!(row.try_get::<bool>("", "walled").unwrap(), "{name}");
        assert_eq!(row.try_get::<i64>("", "policies").unwrap(), 1, "{name}");
        names.push(name);
    }
    for ours in [
        "tenant",
        "person",
        "session",
        "refresh_token",
        "signing_key",
        "api_token",
        "channel",
        "channel_kind",
        "team",
        "team_member",
    ] {
        assert!(names.iter().any(|name| name == ours), "{ours} in {names:?}");
    }
    rig.stop().await;
}
