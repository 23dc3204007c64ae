//! What became of automatic replies that were not said, and what was written while they were to be.

use sea_orm_migration::{
    prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, Table, async_trait},
    schema::{big_integer_null, timestamp_with_time_zone_null},
    sea_orm::ConnectionTrait,
};

use crate::store::auto_answers;

pub(super) struct Answers;

impl MigrationName for Answers {
    fn name(&self) -> &'static str {
        "m0004_answers"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Answers {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            timestamp_with_time_zone_null("refused_at"),
            big_integer_null("newer_seq"),
            timestamp_with_time_zone_null("newer_at"),
        ] {
            manager.alter_table(Table::alter().table("auto_answer").add_column(column).to_owned()).await?;
        }
        for sql in [
            "DROP INDEX ix_auto_answer_old".to_owned(),
            format!(
                "CREATE INDEX ix_auto_answer_done ON auto_answer (decided_at, id) WHERE {}",
                auto_answers::DONE
            ),
        ] {
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}
