use sea_orm_migration::{
    prelude::{DbErr, Index, SchemaManager, Table},
    schema::{
        big_integer, blob_null, boolean, string, string_len, text, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid,
    },
};
use weft_store::migration::secure_table;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    channel(manager).await?;
    channel_kind(manager).await
}

async fn channel(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("channel")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(string_len("kind", 64))
        .col(string("name"))
        .col(text("settings"))
        .col(blob_null("secrets"))
        .col(text("secrets_set"))
        .col(boolean("enabled"))
        .col(string_len("health", 16))
        .col(text("health_detail"))
        .col(timestamp_with_time_zone_null("health_checked_at"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(timestamp_with_time_zone_null("deleted_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned();
    manager.create_table(table).await?;
    // Adapters name a channel without its tenant.
    let by_id = Index::create().name("uq_channel_id").table("channel").col("id").unique().to_owned();
    manager.create_index(by_id).await?;
    let by_kind =
        Index::create().name("ix_channel_kind").table("channel").col("kind").col("enabled").to_owned();
    manager.create_index(by_kind).await?;
    secure_table(manager, "channel").await
}

async fn channel_kind(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("channel_kind")
        .col(uuid("tenant_id"))
        .col(string_len("kind", 64))
        .col(text("descriptor"))
        .col(timestamp_with_time_zone("announced_at"))
        .primary_key(Index::create().col("tenant_id").col("kind"))
        .to_owned();
    manager.create_table(table).await?;
    secure_table(manager, "channel_kind").await
}
