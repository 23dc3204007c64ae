//! What messages and contacts are found by.

use sea_orm_migration::{
    prelude::{DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, async_trait},
    schema::{big_integer, big_pk_auto, boolean, string, timestamp_with_time_zone, uuid},
    sea_orm::{ConnectionTrait, DbBackend},
};
use weft_store::migration::secure_table;

pub(super) struct Search;

impl MigrationName for Search {
    fn name(&self) -> &'static str {
        "m0008_search"
    }
}

/// New rows wait in a list that every search reads, so it is kept short (in kB).
const POSTGRES: [&str; 2] = [
    "ALTER TABLE search_entry ADD COLUMN words tsvector NOT NULL",
    "CREATE INDEX ix_search_words ON search_entry USING gin (words) WITH (gin_pending_list_limit = 1024)",
];

/// Tokens are kept by the row's number. They have nothing in ASCII but letters, digits and `_`.
const SQLITE: [&str; 2] = [
    "CREATE UNIQUE INDEX uq_search_entry ON search_entry (tenant_id, id)",
    "CREATE VIRTUAL TABLE search_words USING fts5(words, content='', contentless_delete=1, detail=none, \
     tokenize=\"ascii tokenchars '_'\")",
];

#[async_trait::async_trait]
impl MigrationTrait for Search {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        let mut entry = match is_postgres {
            true => super::with_id("search_entry"),
            false => Table::create()
                .table("search_entry")
                .col(big_pk_auto("number"))
                .col(uuid("tenant_id"))
                .col(uuid("id"))
                .to_owned(),
        };
        entry.col(timestamp_with_time_zone("at")).col(big_integer("digest"));
        manager.create_table(entry).await?;
        for sql in if is_postgres { POSTGRES } else { SQLITE } {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        let progress = Table::create()
            .table("search_progress")
            .col(uuid("tenant_id"))
            .col(string("kind"))
            .col(uuid("last_tenant"))
            .col(uuid("last_id"))
            .col(boolean("done"))
            .primary_key(Index::create().col("tenant_id").col("kind"))
            .to_owned();
        manager.create_table(progress).await?;
        secure_table(manager, "search_entry").await?;
        secure_table(manager, "search_progress").await
    }
}
