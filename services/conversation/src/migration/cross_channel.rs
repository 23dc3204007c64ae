//! Contacts known on several channels, and conversations that go over them.

use sea_orm_migration::{
    prelude::{
        ColumnDef, DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, TableCreateStatement,
        async_trait,
    },
    schema::{
        boolean, json_binary, string, string_null, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
    sea_orm::{ConnectionTrait, DbBackend},
};
use weft_store::migration::secure_table;

use super::with_id;
use crate::store::conversations;

pub(super) struct CrossChannel;

impl MigrationName for CrossChannel {
    fn name(&self) -> &'static str {
        "m0003_cross_channel"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CrossChannel {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in columns() {
            let add = Table::alter().table(table).add_column(column).to_owned();
            manager.alter_table(add).await?;
        }
        for sql in backfill(manager) {
            manager.get_connection().execute_unprepared(sql).await?;
        }
        for (name, table) in tables() {
            manager.create_table(table).await?;
            secure_table(manager, name).await?;
        }
        for sql in indexes() {
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

fn columns() -> Vec<(&'static str, ColumnDef)> {
    vec![
        ("contact", uuid_null("merged_into")),
        ("contact_identity", string_null("thread_id")),
        ("contact_identity", string_null("address")),
        ("conversation", string_null("external_id")),
        ("conversation", text_null("title")),
        ("conversation", boolean("spans_channels").default(false).to_owned()),
        ("conversation", timestamp_with_time_zone_null("contact_wrote_at")),
    ]
}

/// When contacts last wrote; and of two conversations in one thread, which could both be open before, the older one is over.
/// PostgreSQL's second wall shows the owner no rows, so it is down for these statements.
fn backfill(manager: &SchemaManager<'_>) -> Vec<&'static str> {
    let fill = "UPDATE conversation SET contact_wrote_at = (SELECT max(m.created_at) FROM message m \
                WHERE m.tenant_id = conversation.tenant_id AND m.conversation_id = conversation.id \
                AND m.direction = 'inbound')";
    let close = "UPDATE conversation SET status = 'closed' WHERE status <> 'closed' AND EXISTS (\
                 SELECT 1 FROM conversation later WHERE later.tenant_id = conversation.tenant_id \
                 AND later.channel_id = conversation.channel_id AND later.thread_id = conversation.thread_id \
                 AND later.status <> 'closed' AND later.id > conversation.id)";
    if manager.get_database_backend() != DbBackend::Postgres {
        return vec![fill, close];
    }
    vec![
        "ALTER TABLE conversation NO FORCE ROW LEVEL SECURITY; ALTER TABLE message NO FORCE ROW LEVEL SECURITY",
        fill,
        close,
        "ALTER TABLE conversation FORCE ROW LEVEL SECURITY; ALTER TABLE message FORCE ROW LEVEL SECURITY",
    ]
}

/// A contact may have several threads on a channel, each with a conversation of its own.
fn indexes() -> [String; 7] {
    [
        "DROP INDEX uq_conversation_live".to_owned(),
        format!(
            "CREATE UNIQUE INDEX uq_conversation_live ON conversation (tenant_id, channel_id, thread_id) WHERE {}",
            conversations::LIVE
        ),
        "CREATE INDEX ix_identity_thread ON contact_identity (tenant_id, channel_id, thread_id) WHERE thread_id IS NOT NULL".to_owned(),
        "CREATE INDEX ix_address_contact ON contact_address (tenant_id, contact_id)".to_owned(),
        "CREATE UNIQUE INDEX uq_suggestion_pair ON merge_suggestion (tenant_id, first_id, second_id)".to_owned(),
        "CREATE INDEX ix_suggestion_state ON merge_suggestion (tenant_id, state, created_at, id)".to_owned(),
        "CREATE INDEX ix_merge_created ON contact_merge (tenant_id, created_at, id)".to_owned(),
    ]
}

fn tables() -> Vec<(&'static str, TableCreateStatement)> {
    let address = Table::create()
        .table("contact_address")
        .col(uuid("tenant_id"))
        .col(string("address"))
        .col(uuid("contact_id"))
        .col(boolean("verified"))
        .primary_key(Index::create().col("tenant_id").col("address").col("contact_id"))
        .to_owned();
    let suggestion = with_id("merge_suggestion")
        .col(uuid("first_id"))
        .col(uuid("second_id"))
        .col(string("state"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned();
    let merge = with_id("contact_merge")
        .col(uuid("contact_id"))
        .col(uuid("other_id"))
        .col(uuid("user_id"))
        .col(json_binary("moved"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("undone_at"))
        .to_owned();
    let settings = Table::create()
        .table("contact_settings")
        .col(uuid("tenant_id"))
        .col(boolean("join_channels"))
        .col(string("country"))
        .primary_key(Index::create().col("tenant_id"))
        .to_owned();
    let kind = Table::create()
        .table("channel_kind")
        .col(uuid("tenant_id"))
        .col(string("kind"))
        .col(text("capabilities"))
        .col(timestamp_with_time_zone("announced_at"))
        .primary_key(Index::create().col("tenant_id").col("kind"))
        .to_owned();
    vec![
        ("contact_address", address),
        ("merge_suggestion", suggestion),
        ("contact_merge", merge),
        ("contact_settings", settings),
        ("channel_kind", kind),
    ]
}
