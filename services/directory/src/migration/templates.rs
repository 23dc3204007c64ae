use sea_orm_migration::{
    prelude::{DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, async_trait},
    schema::{string, string_len, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
};
use weft_store::migration::secure_table;

pub(super) struct ChannelTemplates;

impl MigrationName for ChannelTemplates {
    fn name(&self) -> &'static str {
        "m0004_channel_templates"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ChannelTemplates {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        channel_template(manager).await?;
        channel_template_sync(manager).await
    }
}

async fn channel_template(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("channel_template")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("channel_id"))
        .col(string("name"))
        .col(string("language"))
        .col(string_len("status", 32))
        .col(text("template"))
        .col(timestamp_with_time_zone("asked_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned();
    manager.create_table(table).await?;
    let named = Index::create()
        .name("uq_channel_template_name")
        .table("channel_template")
        .col("tenant_id")
        .col("channel_id")
        .col("name")
        .col("language")
        .unique()
        .to_owned();
    manager.create_index(named).await?;
    secure_table(manager, "channel_template").await
}

async fn channel_template_sync(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("channel_template_sync")
        .col(uuid("tenant_id"))
        .col(uuid("channel_id"))
        .col(timestamp_with_time_zone("asked_at"))
        .col(timestamp_with_time_zone_null("synced_at"))
        .col(text("fault"))
        .primary_key(Index::create().col("tenant_id").col("channel_id"))
        .to_owned();
    manager.create_table(table).await?;
    secure_table(manager, "channel_template_sync").await
}
