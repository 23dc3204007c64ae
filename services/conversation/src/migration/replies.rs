//! Words and steps at hand: canned replies and macros.

use sea_orm_migration::{
    prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait},
    schema::{json_binary, json_binary_null, string, text, timestamp_with_time_zone, uuid},
    sea_orm::ConnectionTrait,
};
use weft_store::migration::secure_table;

use super::with_id;

pub(super) struct Replies;

impl MigrationName for Replies {
    fn name(&self) -> &'static str {
        "m0009_replies"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Replies {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let canned_reply = with_id("canned_reply")
            .col(uuid("owner"))
            .col(uuid("seen_by"))
            .col(text("name"))
            .col(text("name_key"))
            .col(string("shortcut"))
            .col(text("text"))
            .col(json_binary("attachments"))
            .col(string("category"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .to_owned();
        let saved_macro = with_id("saved_macro")
            .col(uuid("owner"))
            .col(uuid("seen_by"))
            .col(text("name"))
            .col(text("name_key"))
            .col(text("description"))
            .col(json_binary_null("reply"))
            .col(json_binary_null("note"))
            .col(json_binary_null("change"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .to_owned();
        for (name, table) in [("canned_reply", canned_reply), ("saved_macro", saved_macro)] {
            manager.create_table(table).await?;
            secure_table(manager, name).await?;
        }
        for index in [
            "UNIQUE INDEX uq_canned_reply_shortcut ON canned_reply (tenant_id, seen_by, shortcut)",
            "INDEX ix_canned_reply_name ON canned_reply (tenant_id, seen_by, name_key, id)",
            "INDEX ix_saved_macro_name ON saved_macro (tenant_id, seen_by, name_key, id)",
        ] {
            manager.get_connection().execute_unprepared(&format!("CREATE {index}")).await?;
        }
        Ok(())
    }
}
