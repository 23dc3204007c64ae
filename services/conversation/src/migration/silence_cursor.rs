//! How far silent conversations were looked through, when there are more than one look takes.

use sea_orm_migration::{
    prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, Table, async_trait},
    schema::{timestamp_with_time_zone_null, uuid_null},
};

pub(super) struct SilenceCursor;

impl MigrationName for SilenceCursor {
    fn name(&self) -> &'static str {
        "m0015_silence_cursor"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SilenceCursor {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            timestamp_with_time_zone_null("resolved_until"),
            uuid_null("resolved_until_id"),
            timestamp_with_time_zone_null("archived_until"),
            uuid_null("archived_until_id"),
        ] {
            let table = Table::alter().table("silence_settings").add_column(column).to_owned();
            manager.alter_table(table).await?;
        }
        Ok(())
    }
}
