//! What conversations are sorted by: tags, marks, archive, custom fields, views; and one change to many of them.

use sea_orm_migration::{
    prelude::{
        DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, TableCreateStatement, async_trait,
    },
    schema::{
        big_integer, boolean, integer, json_binary, string, text, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid,
    },
    sea_orm::ConnectionTrait,
};
use weft_store::migration::secure_table;

use super::with_id;
use crate::store::{bulk_actions, views};

pub(super) struct Organisation;

impl MigrationName for Organisation {
    fn name(&self) -> &'static str {
        "m0007_organisation"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Organisation {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = [
            ("conversation", json_binary("tags").default("[]").to_owned()),
            ("conversation", json_binary("fields").default("{}").to_owned()),
            ("conversation", timestamp_with_time_zone_null("archived_at")),
            ("contact", json_binary("fields").default("{}").to_owned()),
        ];
        for (table, column) in columns {
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        for (name, table) in tables() {
            manager.create_table(table).await?;
            secure_table(manager, name).await?;
        }
        let indexes = [
            "INDEX ix_tag_of_conversation ON conversation_tag (tenant_id, conversation_id)".to_owned(),
            "INDEX ix_tag_uses ON tag (tenant_id, uses, name)".to_owned(),
            "INDEX ix_mark_of_conversation ON conversation_mark (tenant_id, conversation_id)".to_owned(),
            "INDEX ix_view_member ON view_member (tenant_id, conversation_id)".to_owned(),
            format!("INDEX ix_view_unbuilt ON saved_view (created_at) WHERE {}", views::UNBUILT),
            "UNIQUE INDEX uq_custom_field ON custom_field (tenant_id, entity, key)".to_owned(),
            format!("INDEX ix_bulk_running ON bulk_action (created_at) WHERE {}", bulk_actions::RUNNING),
        ];
        for index in indexes {
            manager.get_connection().execute_unprepared(&format!("CREATE {index}")).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<(&'static str, TableCreateStatement)> {
    let view = with_id("saved_view")
        .col(uuid("owner"))
        .col(boolean("shared"))
        .col(text("name"))
        .col(json_binary("filter"))
        .col(integer("position"))
        .col(boolean("counted"))
        .col(uuid("set_id"))
        .col(uuid("built_to"))
        .col(boolean("built"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned();
    let custom_field = with_id("custom_field")
        .col(string("entity"))
        .col(string("key"))
        .col(text("label"))
        .col(string("kind"))
        .col(json_binary("choices"))
        .col(integer("position"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned();
    let bulk_action = with_id("bulk_action")
        .col(uuid("user_id"))
        .col(string("state"))
        .col(json_binary("change"))
        .col(integer("total"))
        .col(integer("done_count"))
        .col(integer("failed_count"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .to_owned();
    let mut tag = Table::create();
    tag.table("tag").col(uuid("tenant_id")).col(string("name")).col(big_integer("uses"));
    tag.primary_key(Index::create().col("tenant_id").col("name"));
    let mut conversation_tag = Table::create();
    conversation_tag
        .table("conversation_tag")
        .col(uuid("tenant_id"))
        .col(string("tag"))
        .col(uuid("conversation_id"));
    conversation_tag.primary_key(Index::create().col("tenant_id").col("tag").col("conversation_id"));
    let mut mark = Table::create();
    mark.table("conversation_mark").col(uuid("tenant_id")).col(uuid("user_id")).col(uuid("conversation_id"));
    mark.col(string("mark")).col(timestamp_with_time_zone("created_at"));
    mark.primary_key(Index::create().col("tenant_id").col("user_id").col("conversation_id").col("mark"));
    let mut item = Table::create();
    item.table("bulk_action_item").col(uuid("tenant_id")).col(uuid("action_id")).col(integer("position"));
    item.col(uuid("conversation_id")).col(string("state")).col(string("reason")).col(text("message"));
    item.primary_key(Index::create().col("tenant_id").col("action_id").col("position"));
    vec![
        ("tag", tag),
        ("conversation_tag", conversation_tag),
        ("conversation_mark", mark),
        ("saved_view", view),
        ("view_member", view_member()),
        ("view_count", view_count()),
        (
            "dropped_view_set",
            with_id("dropped_view_set").col(timestamp_with_time_zone("created_at")).to_owned(),
        ),
        ("custom_field", custom_field),
        ("bulk_action", bulk_action),
        ("bulk_action_item", item),
    ]
}

fn view_member() -> TableCreateStatement {
    Table::create()
        .table("view_member")
        .col(uuid("tenant_id"))
        .col(uuid("set_id"))
        .col(uuid("user_id"))
        .col(uuid("conversation_id"))
        .primary_key(Index::create().col("tenant_id").col("set_id").col("user_id").col("conversation_id"))
        .to_owned()
}

fn view_count() -> TableCreateStatement {
    Table::create()
        .table("view_count")
        .col(uuid("tenant_id"))
        .col(uuid("set_id"))
        .col(uuid("user_id"))
        .col(big_integer("members"))
        .primary_key(Index::create().col("tenant_id").col("set_id").col("user_id"))
        .to_owned()
}
