//! Messages by the names their writers gave them, out of somebody's sight, begun, and to go out later.

use sea_orm_migration::{
    prelude::{DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, async_trait},
    schema::{boolean, json_binary, string, string_null, text, timestamp_with_time_zone, uuid},
    sea_orm::ConnectionTrait,
};
use weft_store::migration::secure_table;

use super::with_id;

pub(super) struct MessageChanges;

impl MigrationName for MessageChanges {
    fn name(&self) -> &'static str {
        "m0005_message_changes"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for MessageChanges {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = string_null("client_id");
        manager.alter_table(Table::alter().table("message").add_column(column).to_owned()).await?;
        let hidden = Table::create()
            .table("message_hidden")
            .col(uuid("tenant_id"))
            .col(uuid("user_id"))
            .col(uuid("message_id"))
            .primary_key(Index::create().col("tenant_id").col("user_id").col("message_id"))
            .to_owned();
        let draft = Table::create()
            .table("draft")
            .col(uuid("tenant_id"))
            .col(uuid("user_id"))
            .col(uuid("conversation_id"))
            .col(json_binary("message"))
            .col(timestamp_with_time_zone("updated_at"))
            .primary_key(Index::create().col("tenant_id").col("user_id").col("conversation_id"))
            .to_owned();
        let scheduled = with_id("scheduled_message")
            .col(uuid("conversation_id"))
            .col(uuid("user_id"))
            .col(string("author_kind"))
            .col(text("author_name"))
            .col(timestamp_with_time_zone("send_at"))
            .col(boolean("waits"))
            .col(text("reason"))
            .col(json_binary("message"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .to_owned();
        for (name, table) in [("message_hidden", hidden), ("draft", draft), ("scheduled_message", scheduled)]
        {
            manager.create_table(table).await?;
            secure_table(manager, name).await?;
        }
        let indexes = [
            "CREATE INDEX ix_scheduled_due ON scheduled_message (send_at) WHERE waits",
            "CREATE INDEX ix_scheduled_conversation ON scheduled_message (tenant_id, conversation_id, send_at, id)",
        ];
        for index in indexes {
            manager.get_connection().execute_unprepared(index).await?;
        }
        let index = "CREATE UNIQUE INDEX uq_message_client ON message (tenant_id, conversation_id, client_id) \
                     WHERE client_id IS NOT NULL";
        manager.get_connection().execute_unprepared(index).await.map(drop)
    }
}
