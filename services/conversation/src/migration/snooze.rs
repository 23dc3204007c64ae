//! Conversations that are put away until a time.

use sea_orm_migration::{
    prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, Table, async_trait},
    schema::timestamp_with_time_zone_null,
    sea_orm::ConnectionTrait,
};

pub(super) struct Snooze;

impl MigrationName for Snooze {
    fn name(&self) -> &'static str {
        "m0006_snooze"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Snooze {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = timestamp_with_time_zone_null("snoozed_until");
        manager.alter_table(Table::alter().table("conversation").add_column(column).to_owned()).await?;
        let index = "CREATE INDEX ix_conversation_snoozed ON conversation (snoozed_until) WHERE snoozed_until IS NOT NULL";
        manager.get_connection().execute_unprepared(index).await.map(drop)
    }
}
