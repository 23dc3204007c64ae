//! What becomes of conversations in which nobody writes any more.

use sea_orm_migration::{
    prelude::{
        DbErr, MigrationName, MigrationTrait, SchemaManager, Table, TableCreateStatement, async_trait,
    },
    schema::{integer, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid},
    sea_orm::ConnectionTrait,
};
use weft_store::migration::secure_table;

use crate::store::silence;

pub(super) struct Silence;

impl MigrationName for Silence {
    fn name(&self) -> &'static str {
        "m0013_silence"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Silence {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(settings()).await?;
        secure_table(manager, "silence_settings").await?;
        for index in [
            format!("ix_silence_look ON silence_settings (look_at) WHERE {}", silence::LOOKED_AT),
            format!(
                "ix_conversation_unanswered ON conversation (tenant_id, active_at, id) WHERE {}",
                silence::UNRESOLVED
            ),
            format!(
                "ix_conversation_unresolved ON conversation (tenant_id, updated_at, id) WHERE {}",
                silence::UNRESOLVED
            ),
            format!(
                "ix_conversation_unarchived ON conversation (tenant_id, updated_at, id) WHERE {}",
                silence::UNARCHIVED
            ),
        ] {
            manager.get_connection().execute_unprepared(&format!("CREATE INDEX {index}")).await?;
        }
        Ok(())
    }
}

fn settings() -> TableCreateStatement {
    Table::create()
        .table("silence_settings")
        .col(uuid("tenant_id").primary_key())
        .col(integer("remind_after_hours"))
        .col(text("reminder"))
        .col(integer("resolve_after_hours"))
        .col(integer("archive_after_hours"))
        .col(timestamp_with_time_zone_null("reminded_until"))
        .col(timestamp_with_time_zone("look_at"))
        .to_owned()
}
