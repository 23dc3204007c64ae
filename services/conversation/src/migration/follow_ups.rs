//! Messages that go over another channel when the contact did not get them; channels that are no more.

use sea_orm_migration::{
    prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, Table, async_trait},
    schema::{boolean, json_binary_null},
    sea_orm::ConnectionTrait,
};

pub(super) struct FollowUps;

impl MigrationName for FollowUps {
    fn name(&self) -> &'static str {
        "m0004_follow_ups"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for FollowUps {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = json_binary_null("follow_ups");
        manager.alter_table(Table::alter().table("contact_settings").add_column(column).to_owned()).await?;
        let column = boolean("deleted").default(false).to_owned();
        manager.alter_table(Table::alter().table("channel").add_column(column).to_owned()).await?;
        let index = "CREATE INDEX ix_part_message ON message_part (tenant_id, message_id)";
        manager.get_connection().execute_unprepared(index).await.map(drop)
    }
}
