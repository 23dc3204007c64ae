use sea_orm_migration::{
    prelude::{DbErr, Index, SchemaManager, Table, async_trait},
    schema::{big_integer, blob, string, timestamp_with_time_zone, uuid},
    sea_orm::ConnectionTrait,
};
use weft_store::migration::{
    MigrationName, MigrationTrait, MigratorTrait, base, secure_append_only_table, secure_table,
};

/// The tables of this service.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = base();
        all.push(Box::new(First));
        all
    }
}

struct First;

impl MigrationName for First {
    fn name(&self) -> &'static str {
        "m0002_compliance"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for First {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        entries(manager).await?;
        objects(manager).await?;
        checkpoints(manager).await?;
        person_keys(manager).await
    }
}

async fn entries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("audit_entry")
        .col(uuid("tenant_id"))
        .col(big_integer("seq"))
        .col(uuid("event_id"))
        .col(timestamp_with_time_zone("at"))
        .col(string("actor"))
        .col(string("user_id"))
        .col(string("action"))
        .col(blob("entry"))
        .col(blob("prev"))
        .col(blob("hash"))
        .primary_key(Index::create().col("tenant_id").col("seq"))
        .to_owned();
    manager.create_table(table).await?;
    let connection = manager.get_connection();
    for index in [
        "CREATE UNIQUE INDEX uq_audit_entry_event ON audit_entry (tenant_id, event_id)",
        // A chain has one end: two entries cannot follow the same one.
        "CREATE UNIQUE INDEX uq_audit_entry_prev ON audit_entry (tenant_id, prev)",
        "CREATE INDEX ix_audit_entry_at ON audit_entry (tenant_id, at)",
        "CREATE INDEX ix_audit_entry_actor ON audit_entry (tenant_id, actor, seq)",
        "CREATE INDEX ix_audit_entry_user ON audit_entry (tenant_id, user_id, seq)",
        "CREATE INDEX ix_audit_entry_action ON audit_entry (tenant_id, action, seq)",
        "CREATE INDEX ix_audit_entry_first ON audit_entry (tenant_id) WHERE seq = 1",
    ] {
        connection.execute_unprepared(index).await?;
    }
    secure_append_only_table(manager, "audit_entry").await
}

async fn objects(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("audit_object")
        .col(uuid("tenant_id"))
        .col(string("object"))
        .col(big_integer("seq"))
        .primary_key(Index::create().col("tenant_id").col("object").col("seq"))
        .to_owned();
    manager.create_table(table).await?;
    secure_append_only_table(manager, "audit_object").await
}

async fn checkpoints(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("audit_checkpoint")
        .col(uuid("tenant_id"))
        .col(big_integer("size"))
        .col(blob("checkpoint"))
        .primary_key(Index::create().col("tenant_id").col("size"))
        .to_owned();
    manager.create_table(table).await?;
    secure_append_only_table(manager, "audit_checkpoint").await
}

async fn person_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("person_key")
        .col(uuid("tenant_id"))
        .col(string("person"))
        .col(blob("wrapped"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("person"))
        .to_owned();
    manager.create_table(table).await?;
    secure_table(manager, "person_key").await
}
