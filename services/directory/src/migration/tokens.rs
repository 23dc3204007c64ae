use sea_orm_migration::{
    prelude::{DbErr, ForeignKey, ForeignKeyAction, Index, SchemaManager, Table},
    schema::{
        blob, integer, string, string_len, text, timestamp_with_time_zone, timestamp_with_time_zone_null,
        uuid,
    },
};
use weft_store::migration::secure_table;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    signing_key(manager).await?;
    api_token(manager).await
}

async fn signing_key(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("signing_key")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(integer("generation"))
        .col(string_len("public_key", 64))
        .col(blob("private_key"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("signs_from"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned();
    manager.create_table(table).await?;
    let generation = Index::create()
        .name("uq_signing_key_generation")
        .table("signing_key")
        .col("tenant_id")
        .col("generation")
        .unique()
        .to_owned();
    manager.create_index(generation).await?;
    secure_table(manager, "signing_key").await
}

async fn api_token(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("api_token")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(string("name"))
        .col(blob("hash"))
        .col(text("permissions"))
        .col(uuid("created_by"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(
            ForeignKey::create()
                .from("api_token", ("tenant_id", "created_by"))
                .to("person", ("tenant_id", "id"))
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned();
    manager.create_table(table).await?;
    let hash = Index::create().name("uq_api_token_hash").table("api_token").col("hash").unique().to_owned();
    manager.create_index(hash).await?;
    let revoked =
        Index::create().name("ix_api_token_revoked").table("api_token").col("revoked_at").to_owned();
    manager.create_index(revoked).await?;
    secure_table(manager, "api_token").await
}
