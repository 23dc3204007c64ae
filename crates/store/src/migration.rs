//! Tables that every service's database has, and helpers for the services' own migrations.

use sea_orm_migration::{
    prelude::{DbErr, Index, SchemaManager, Table, async_trait},
    schema::{
        big_integer, big_pk_auto, blob, blob_null, integer, string, string_len, string_null,
        timestamp_with_time_zone, uuid,
    },
    sea_orm::{ConnectionTrait, DbBackend},
};

pub use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait};

#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod data_key;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod idempotency;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod outbox;

/// The role services work as: owns nothing, sees one tenant at a time.
pub const SERVICE_ROLE: &str = "weft_service";
/// The role for work across tenants.
pub const SYSTEM_ROLE: &str = "weft_system";

/// The migrations of the tables that every service has; a service's migrator puts them before its own.
pub fn base() -> Vec<Box<dyn MigrationTrait>> {
    vec![Box::new(Base)]
}

/// Puts row-level security on a tenant's table (TN-3) and lets the two roles work with it. SQLite has no second wall.
pub async fn secure_table(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = format!(
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY; \
         CREATE POLICY tenant ON {table} TO {SERVICE_ROLE} \
           USING (tenant_id = current_setting('app.tenant')::uuid) \
           WITH CHECK (tenant_id = current_setting('app.tenant')::uuid); \
         CREATE POLICY system ON {table} TO {SYSTEM_ROLE} USING (true) WITH CHECK (true); \
         GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {SERVICE_ROLE}, {SYSTEM_ROLE}"
    );
    manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
}

/// Like [`secure_table`], for a table to which rows are added and in which none is changed or deleted (AD-6).
pub async fn secure_append_only_table(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    secure_table(manager, table).await?;
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = format!("REVOKE UPDATE, DELETE ON {table} FROM {SERVICE_ROLE}, {SYSTEM_ROLE}");
    manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
}

/// Lets the system role alone work with a table that belongs to the installation.
pub async fn system_table(manager: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = format!("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {SYSTEM_ROLE}");
    manager.get_connection().execute_unprepared(&sql).await.map(|_| ())
}

struct Base;

impl MigrationName for Base {
    fn name(&self) -> &'static str {
        "m0001_store_base"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Base {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_outbox(manager).await?;
        create_idempotency(manager).await?;
        create_data_key(manager).await
    }
}

async fn create_outbox(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("outbox")
        .col(big_pk_auto("id"))
        .col(uuid("tenant_id"))
        .col(uuid("event_id"))
        .col(string_len("topic", 16))
        .col(string("subject"))
        .col(string("kind"))
        .col(string("source"))
        .col(string("key"))
        .col(string_null("traceparent"))
        .col(blob("body"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned();
    manager.create_table(table).await?;
    let position = Table::create()
        .table("outbox_position")
        .col(integer("relay").primary_key())
        .col(big_integer("last_id"))
        .to_owned();
    manager.create_table(position).await?;
    let connection = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Postgres {
        let sql = format!(
            "ALTER TABLE outbox ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id(); \
             CREATE INDEX ix_outbox_order ON outbox (xid, id); \
             ALTER TABLE outbox_position ADD COLUMN last_xid xid8 NOT NULL DEFAULT '0'::xid8; \
             GRANT USAGE ON SEQUENCE outbox_id_seq TO {SERVICE_ROLE}, {SYSTEM_ROLE}"
        );
        connection.execute_unprepared(&sql).await?;
    }
    connection.execute_unprepared("INSERT INTO outbox_position (relay, last_id) VALUES (1, 0)").await?;
    secure_table(manager, "outbox").await?;
    system_table(manager, "outbox_position").await
}

async fn create_idempotency(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("idempotency")
        .col(uuid("tenant_id"))
        .col(string("principal"))
        .col(string("method"))
        .col(string("key"))
        .col(blob("digest"))
        .col(blob_null("answer"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("principal").col("method").col("key"))
        .to_owned();
    manager.create_table(table).await?;
    let index = "CREATE INDEX ix_idempotency_created ON idempotency (created_at)";
    manager.get_connection().execute_unprepared(index).await?;
    secure_table(manager, "idempotency").await
}

async fn create_data_key(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("data_key")
        .col(uuid("tenant_id"))
        .col(integer("id"))
        .col(blob("wrapped"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned();
    manager.create_table(table).await?;
    secure_table(manager, "data_key").await
}
