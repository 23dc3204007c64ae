//! The voice service's own tables. None holds words.

use sea_orm_migration::{
    prelude::{
        DbErr, Index, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, Table,
        TableCreateStatement, async_trait,
    },
    schema::{big_integer, boolean, string, string_null, timestamp_with_time_zone, uuid, uuid_null},
    sea_orm::ConnectionTrait,
};
use weft_store::migration::{base, secure_table};

/// Brings the schema up to date.
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
        "m0002_voice"
    }
}

/// Indexes, which both databases write alike.
const INDEXES: [&str; 3] = [
    "CREATE INDEX ix_spoken_answer_waiting ON spoken_answer (tenant_id, conversation_id, seq) WHERE state = 'waiting'",
    "CREATE INDEX ix_spoken_answer_updated ON spoken_answer (updated_at)",
    "CREATE INDEX ix_heard_at ON heard (heard_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for First {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [("voice_settings", settings()), ("heard", heard()), ("spoken_answer", spoken_answer())];
        for (name, table) in tables {
            manager.create_table(table).await?;
            secure_table(manager, name).await?;
        }
        for sql in INDEXES {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        Ok(())
    }
}

fn settings() -> TableCreateStatement {
    Table::create()
        .table("voice_settings")
        .col(uuid("tenant_id").primary_key())
        .col(boolean("transcribe"))
        .col(string("language"))
        .to_owned()
}

fn with_id(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned()
}

fn heard() -> TableCreateStatement {
    with_id("heard").col(string("result")).col(timestamp_with_time_zone("heard_at")).to_owned()
}

fn spoken_answer() -> TableCreateStatement {
    with_id("spoken_answer")
        .col(uuid("conversation_id"))
        .col(big_integer("seq"))
        .col(string("voice"))
        .col(string("language"))
        .col(string("format"))
        .col(string("state"))
        .col(uuid_null("answered_by"))
        .col(uuid_null("file_id"))
        .col(string_null("reason"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}
