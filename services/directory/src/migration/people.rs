use sea_orm_migration::{
    prelude::{DbErr, Index, SchemaManager, Table},
    schema::{boolean, string, string_len, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
};
use weft_store::migration::secure_table;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    tenant(manager).await?;
    person(manager).await
}

async fn tenant(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("tenant")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(string_len("slug", 63))
        .col(string("name"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned();
    manager.create_table(table).await?;
    let slug = Index::create().name("uq_tenant_slug").table("tenant").col("slug").unique().to_owned();
    manager.create_index(slug).await?;
    secure_table(manager, "tenant").await
}

async fn person(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("person")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(string("email"))
        .col(string("email_normalised"))
        .col(string("name"))
        .col(string_len("role", 32))
        .col(string("password_hash"))
        .col(boolean("disabled"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("signed_in_at"))
        .col(timestamp_with_time_zone_null("sessions_ended_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned();
    manager.create_table(table).await?;
    let unique = Index::create()
        .name("uq_person_email")
        .table("person")
        .col("tenant_id")
        .col("email_normalised")
        .unique()
        .to_owned();
    manager.create_index(unique).await?;
    let sign_in = Index::create().name("ix_person_email").table("person").col("email_normalised").to_owned();
    manager.create_index(sign_in).await?;
    secure_table(manager, "person").await
}
