//! People who share work.

use sea_orm_migration::{
    prelude::{DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, async_trait},
    schema::{string, text, timestamp_with_time_zone, uuid},
};
use weft_store::migration::secure_table;

pub(super) struct Teams;

impl MigrationName for Teams {
    fn name(&self) -> &'static str {
        "m0005_teams"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Teams {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        team(manager).await?;
        team_member(manager).await
    }
}

async fn team(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("team")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(text("name"))
        .col(string("name_folded"))
        .col(text("description"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned();
    manager.create_table(table).await?;
    let named = Index::create()
        .name("uq_team_name")
        .table("team")
        .col("tenant_id")
        .col("name_folded")
        .unique()
        .to_owned();
    manager.create_index(named).await?;
    secure_table(manager, "team").await
}

async fn team_member(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("team_member")
        .col(uuid("tenant_id"))
        .col(uuid("team_id"))
        .col(uuid("user_id"))
        .primary_key(Index::create().col("tenant_id").col("team_id").col("user_id"))
        .to_owned();
    manager.create_table(table).await?;
    secure_table(manager, "team_member").await
}
