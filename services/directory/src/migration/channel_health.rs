use sea_orm_migration::{
    prelude::{DbErr, Index, SchemaManager, Table},
    schema::{
        big_integer, blob_null, integer, string_len, text, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid,
    },
};
use weft_store::migration::secure_table;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        blob_null("previous_secrets"),
        timestamp_with_time_zone_null("previous_secrets_until"),
        timestamp_with_time_zone_null("token_expires_at"),
    ];
    for column in columns {
        manager.alter_table(Table::alter().table("channel").add_column(column).to_owned()).await?;
    }
    channel_log(manager).await?;
    channel_traffic(manager).await
}

async fn channel_log(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("channel_log")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("channel_id"))
        .col(timestamp_with_time_zone("at"))
        .col(string_len("direction", 16))
        .col(string_len("operation", 64))
        .col(string_len("outcome", 16))
        .col(string_len("code", 64))
        .col(text("detail"))
        .col(big_integer("duration_ms"))
        .col(big_integer("bytes"))
        .col(big_integer("events"))
        .col(integer("attempt"))
        .col(big_integer("times"))
        .col(string_len("message_id", 64))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned();
    manager.create_table(table).await?;
    // Ids rise with time: this is the order of a channel's pages, and where its last hour begins.
    let pages = Index::create()
        .name("ix_channel_log_page")
        .table("channel_log")
        .col("tenant_id")
        .col("channel_id")
        .col("id")
        .to_owned();
    manager.create_index(pages).await?;
    let by_age = Index::create().name("ix_channel_log_at").table("channel_log").col("at").to_owned();
    manager.create_index(by_age).await?;
    secure_table(manager, "channel_log").await
}

/// What outlives the log's lines.
async fn channel_traffic(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("channel_traffic")
        .col(uuid("tenant_id"))
        .col(uuid("channel_id"))
        .col(timestamp_with_time_zone_null("last_inbound_at"))
        .col(timestamp_with_time_zone_null("last_outbound_at"))
        .col(timestamp_with_time_zone_null("throttled_until"))
        .primary_key(Index::create().col("tenant_id").col("channel_id"))
        .to_owned();
    manager.create_table(table).await?;
    secure_table(manager, "channel_traffic").await
}
