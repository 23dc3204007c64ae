use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use weft_crypto::ExposeSecret;

use crate::rig::{Engine, Rig};

/// TN-3: a table that was forgotten shows up here.
#[tokio::test(flavor = "multi_thread")]
async fn every_table_is_behind_the_second_wall() {
    let rig = Rig::new(Engine::Postgres).await;
    let owner = Database::connect(rig.settings.owner_url.expose_secret()).await.unwrap();
    let sql = "SELECT c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AND EXISTS \
                 (SELECT 1 FROM pg_policies p WHERE p.schemaname = 'voice' AND p.tablename = c.relname \
                    AND p.roles = '{weft_service}' AND p.qual LIKE '%app.tenant%' AND p.with_check LIKE '%app.tenant%') AS walled \
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE n.nspname = 'voice' AND c.relkind = 'r' \
                 AND c.relname IN ('voice_settings', 'heard', 'spoken_answer')";
    let rows = owner.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    assert_eq!(rows.len(), 3);
    for row in rows {
        assert!(row.try_get::<bool>("", "walled").unwrap(), "{}", row.try_get::<String>("", "name").unwrap());
    }
}
