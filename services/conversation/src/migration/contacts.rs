//! Contacts' tags, notes and history, who is blocked, and contacts from files and into them.

use sea_orm_migration::{
    prelude::{
        DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, TableCreateStatement, async_trait,
    },
    schema::{
        big_integer, boolean, json_binary, json_binary_null, string, string_null, text,
        timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
    },
    sea_orm::ConnectionTrait,
};
use weft_store::migration::secure_table;

use super::with_id;
use crate::store::{contact_files, contact_lists};

pub(super) struct Contacts;

impl MigrationName for Contacts {
    fn name(&self) -> &'static str {
        "m0010_contacts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Contacts {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns =
            [json_binary("tags").default("[]").to_owned(), timestamp_with_time_zone_null("blocked_at")];
        for column in columns {
            manager.alter_table(Table::alter().table("contact").add_column(column).to_owned()).await?;
        }
        for (name, table) in tables() {
            manager.create_table(table).await?;
            secure_table(manager, name).await?;
        }
        for index in indexes() {
            manager.get_connection().execute_unprepared(&format!("CREATE {index}")).await?;
        }
        Ok(())
    }
}

fn indexes() -> Vec<String> {
    let plain = [
        "INDEX ix_contact_merged ON contact (tenant_id, merged_into) WHERE merged_into IS NOT NULL",
        "INDEX ix_contact_tag_list ON contact_tag (tenant_id, tag, created_at, contact_id)",
        "INDEX ix_tag_of_contact ON contact_tag (tenant_id, contact_id)",
        "INDEX ix_note_of_contact ON contact_note (tenant_id, contact_id, created_at, id)",
        "INDEX ix_change_of_contact ON conversation_change (tenant_id, contact_id, created_at, id)",
        "INDEX ix_change_of_conversation ON conversation_change (tenant_id, conversation_id)",
        "INDEX ix_conversation_began ON conversation (tenant_id, contact_id, created_at, id)",
        "INDEX ix_message_written ON message (tenant_id, conversation_id, created_at, id)",
        "INDEX ix_merge_of_contact ON contact_merge (tenant_id, contact_id, created_at, id)",
    ];
    let partial = [
        format!(
            "INDEX ix_contact_blocked ON contact (tenant_id, created_at, id) WHERE {}",
            contact_lists::BLOCKED
        ),
        format!("INDEX ix_import_running ON contact_import (due_at) WHERE {}", contact_files::RUNNING),
        format!(
            "UNIQUE INDEX uq_import_running ON contact_import (tenant_id) WHERE {}",
            contact_files::RUNNING
        ),
        format!("INDEX ix_export_due ON contact_export (due_at) WHERE {}", contact_files::DUE),
        format!(
            "UNIQUE INDEX uq_export_running ON contact_export (tenant_id) WHERE {}",
            contact_files::RUNNING
        ),
    ];
    plain.map(str::to_owned).into_iter().chain(partial).collect()
}

fn tables() -> Vec<(&'static str, TableCreateStatement)> {
    let mut tag = Table::create();
    tag.table("contact_tag").col(uuid("tenant_id")).col(string("tag")).col(uuid("contact_id"));
    tag.col(timestamp_with_time_zone("created_at"));
    tag.primary_key(Index::create().col("tenant_id").col("tag").col("contact_id"));
    let note = with_id("contact_note")
        .col(uuid("contact_id"))
        .col(uuid("user_id"))
        .col(string("author_kind"))
        .col(text("author_name"))
        .col(text("text"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("edited_at"))
        .to_owned();
    let change = with_id("conversation_change")
        .col(uuid("contact_id"))
        .col(uuid("conversation_id"))
        .col(string("change"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned();
    let mut error = Table::create();
    error.table("contact_import_error").col(uuid("tenant_id")).col(uuid("import_id"));
    error.col(big_integer("row_number")).col(text("heading")).col(string("reason")).col(text("message"));
    error.primary_key(Index::create().col("tenant_id").col("import_id").col("row_number"));
    vec![
        ("contact_tag", tag),
        ("contact_note", note),
        ("conversation_change", change),
        ("contact_import", import()),
        ("contact_import_error", error),
        ("contact_export", export()),
    ]
}

fn import() -> TableCreateStatement {
    with_id("contact_import")
        .col(uuid("user_id"))
        .col(uuid("file_id"))
        .col(string("state"))
        .col(text("reason"))
        .col(boolean("dry_run"))
        .col(boolean("skips"))
        .col(json_binary("columns"))
        .col(json_binary_null("layout"))
        .col(big_integer("size"))
        .col(big_integer("position"))
        .col(big_integer("row_number"))
        .col(big_integer("row_count"))
        .col(big_integer("created_count"))
        .col(big_integer("updated_count"))
        .col(big_integer("failed_count"))
        .col(uuid_null("worker"))
        .col(timestamp_with_time_zone("due_at"))
        .col(timestamp_with_time_zone("told_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .to_owned()
}

fn export() -> TableCreateStatement {
    with_id("contact_export")
        .col(uuid("user_id"))
        .col(string("state"))
        .col(text("reason"))
        .col(string_null("tag"))
        .col(big_integer("row_count"))
        .col(uuid_null("file_id"))
        .col(uuid_null("worker"))
        .col(timestamp_with_time_zone_null("due_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .to_owned()
}
