//! Conversations that become one, and one that becomes two.

use sea_orm_migration::{
    prelude::{DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, async_trait},
    schema::{
        boolean, integer, json_binary, string, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
        uuid_null,
    },
    sea_orm::ConnectionTrait,
};
use weft_store::migration::secure_table;

use super::with_id;
use crate::store::conversations;

pub(super) struct Regroupings;

impl MigrationName for Regroupings {
    fn name(&self) -> &'static str {
        "m0014_regroupings"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Regroupings {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [uuid_null("merged_into"), boolean("holds_thread").default(true).to_owned()] {
            manager.alter_table(Table::alter().table("conversation").add_column(column).to_owned()).await?;
        }
        let regrouping = with_id("regrouping")
            .col(string("kind"))
            .col(uuid("conversation_id"))
            .col(uuid("other_id"))
            .col(uuid("user_id"))
            .col(integer("message_count"))
            .col(json_binary("before"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("undone_at"))
            .to_owned();
        let message = Table::create()
            .table("regrouped_message")
            .col(uuid("tenant_id"))
            .col(uuid("regrouping_id"))
            .col(uuid("message_id"))
            .primary_key(Index::create().col("tenant_id").col("regrouping_id").col("message_id"))
            .to_owned();
        let thread = Table::create()
            .table("merged_thread")
            .col(uuid("tenant_id"))
            .col(uuid("channel_id"))
            .col(string("thread_id"))
            .col(uuid("conversation_id"))
            .primary_key(Index::create().col("tenant_id").col("channel_id").col("thread_id"))
            .to_owned();
        let tables = [("regrouping", regrouping), ("regrouped_message", message), ("merged_thread", thread)];
        for (name, table) in tables {
            manager.create_table(table).await?;
            secure_table(manager, name).await?;
        }
        for sql in [
            "DROP INDEX uq_conversation_live".to_owned(),
            format!(
                "CREATE UNIQUE INDEX uq_conversation_live ON conversation (tenant_id, channel_id, thread_id) WHERE {}",
                conversations::HOLDING
            ),
            "CREATE INDEX ix_regrouping_created ON regrouping (tenant_id, created_at, id)".to_owned(),
            "CREATE INDEX ix_regrouping_of ON regrouping (tenant_id, conversation_id, created_at, id)"
                .to_owned(),
            "CREATE INDEX ix_regrouping_other ON regrouping (tenant_id, other_id, created_at, id)".to_owned(),
        ] {
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
