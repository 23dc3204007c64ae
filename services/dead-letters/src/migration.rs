use sea_orm_migration::{
    prelude::{DbErr, Index, SchemaManager, Table, async_trait},
    schema::{
        big_integer, blob, string, string_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    },
    sea_orm::ConnectionTrait,
};
use weft_store::migration::{MigrationName, MigrationTrait, MigratorTrait, base, secure_table};

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
        "m0002_dead_letters"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for First {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        letters(manager).await?;
        bodies(manager).await
    }
}

async fn letters(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("dead_letter")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(string("name"))
        .col(string("state"))
        .col(string("source"))
        .col(string_null("stream"))
        .col(string("subject"))
        .col(string("event_id"))
        .col(string("event_type"))
        .col(string("event_source"))
        .col(string_null("event_tenant"))
        .col(string_null("traceparent"))
        .col(string_null("tracestate"))
        .col(string("reason"))
        .col(string("words"))
        .col(big_integer("attempts"))
        .col(timestamp_with_time_zone("first_at"))
        .col(timestamp_with_time_zone("last_at"))
        .col(big_integer("body_bytes"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(string_null("ended_by"))
        .col(string_null("why"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned();
    manager.create_table(table).await?;
    let connection = manager.get_connection();
    for index in [
        // A death brought twice is one letter.
        "CREATE UNIQUE INDEX uq_dead_letter_name ON dead_letter (tenant_id, name)",
        "CREATE INDEX ix_dead_letter_at ON dead_letter (tenant_id, last_at, id)",
        "CREATE INDEX ix_dead_letter_state ON dead_letter (tenant_id, state, last_at, id)",
        "CREATE INDEX ix_dead_letter_reason ON dead_letter (tenant_id, reason, last_at, id)",
        "CREATE INDEX ix_dead_letter_source ON dead_letter (tenant_id, source, last_at, id)",
        "CREATE INDEX ix_dead_letter_kept ON dead_letter (reason) WHERE state = 'kept'",
        "CREATE INDEX ix_dead_letter_replaying ON dead_letter (tenant_id) WHERE state = 'replaying'",
        "CREATE INDEX ix_dead_letter_ended ON dead_letter (ended_at) WHERE ended_at IS NOT NULL",
    ] {
        connection.execute_unprepared(index).await?;
    }
    secure_table(manager, "dead_letter").await
}

async fn bodies(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("dead_body")
        .col(uuid("tenant_id"))
        .col(uuid("letter_id"))
        .col(blob("sealed_key"))
        .col(blob("sealed_body"))
        .primary_key(Index::create().col("tenant_id").col("letter_id"))
        .to_owned();
    manager.create_table(table).await?;
    secure_table(manager, "dead_body").await
}
