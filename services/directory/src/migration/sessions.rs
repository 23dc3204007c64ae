use sea_orm_migration::{
    prelude::{DbErr, ForeignKey, ForeignKeyAction, Index, SchemaManager, Table},
    schema::{
        blob, string_len_null, string_null, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
    },
};
use weft_store::migration::secure_table;

pub(super) async fn create(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    session(manager).await?;
    refresh_token(manager).await
}

async fn session(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("session")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("person_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("used_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(string_len_null("end_reason", 64))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(
            ForeignKey::create()
                .from("session", ("tenant_id", "person_id"))
                .to("person", ("tenant_id", "id"))
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned();
    manager.create_table(table).await?;
    let by_person = Index::create()
        .name("ix_session_person")
        .table("session")
        .col("tenant_id")
        .col("person_id")
        .to_owned();
    manager.create_index(by_person).await?;
    let lapsed = Index::create().name("ix_session_expires").table("session").col("expires_at").to_owned();
    manager.create_index(lapsed).await?;
    let ended = Index::create().name("ix_session_ended").table("session").col("ended_at").to_owned();
    manager.create_index(ended).await?;
    secure_table(manager, "session").await
}

async fn refresh_token(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("refresh_token")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(uuid("session_id"))
        .col(blob("hash"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .col(string_null("used_from"))
        .col(string_len_null("salt", 64))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .foreign_key(
            ForeignKey::create()
                .from("refresh_token", ("tenant_id", "session_id"))
                .to("session", ("tenant_id", "id"))
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned();
    manager.create_table(table).await?;
    let hash =
        Index::create().name("uq_refresh_token_hash").table("refresh_token").col("hash").unique().to_owned();
    manager.create_index(hash).await?;
    let by_session = Index::create()
        .name("ix_refresh_token_session")
        .table("refresh_token")
        .col("tenant_id")
        .col("session_id")
        .to_owned();
    manager.create_index(by_session).await?;
    let lapsed =
        Index::create().name("ix_refresh_token_expires").table("refresh_token").col("expires_at").to_owned();
    manager.create_index(lapsed).await?;
    secure_table(manager, "refresh_token").await
}
