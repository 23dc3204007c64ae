//! Teams, who had and who read a conversation, and what people are to know of.

use sea_orm_migration::{
    prelude::{
        DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, TableCreateStatement, async_trait,
    },
    schema::{
        big_integer, big_integer_null, boolean, integer, string, text, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
    sea_orm::ConnectionTrait,
};
use weft_store::migration::secure_table;

use super::with_id;
use crate::store::{notifications, teams};

pub(super) struct People;

impl MigrationName for People {
    fn name(&self) -> &'static str {
        "m0011_people"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for People {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["conversation", "saved_view"] {
            let column = uuid_null("team");
            manager.alter_table(Table::alter().table(table).add_column(column).to_owned()).await?;
        }
        for (name, table) in tables() {
            manager.create_table(table).await?;
            secure_table(manager, name).await?;
        }
        let indexes = [
            "INDEX ix_conversation_team ON conversation (tenant_id, team, active_at, id)".to_owned(),
            "INDEX ix_team_of_user ON team_member (tenant_id, user_id)".to_owned(),
            format!("INDEX ix_team_left ON team (updated_at) WHERE {}", teams::LEFT),
            "INDEX ix_notification_user ON notification (tenant_id, user_id, updated_at, id)".to_owned(),
            "INDEX ix_notification_about ON notification (tenant_id, message_id)".to_owned(),
            "INDEX ix_notification_old ON notification (updated_at)".to_owned(),
            format!(
                "INDEX ix_notification_unread ON notification (tenant_id, user_id, updated_at, id) WHERE {}",
                notifications::UNREAD
            ),
            // one of a conversation's messages until it is read
            format!(
                "UNIQUE INDEX uq_notification_message ON notification (tenant_id, user_id, conversation_id) WHERE {}",
                notifications::UNREAD_MESSAGE
            ),
        ];
        for index in indexes {
            manager.get_connection().execute_unprepared(&format!("CREATE {index}")).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<(&'static str, TableCreateStatement)> {
    let team = with_id("team")
        .col(text("name"))
        .col(boolean("removed"))
        .col(boolean("cleared"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned();
    let notification = with_id("notification")
        .col(uuid("user_id"))
        .col(string("kind"))
        .col(uuid("conversation_id"))
        .col(uuid_null("message_id"))
        .col(big_integer_null("seq"))
        .col(string("actor_kind"))
        .col(uuid_null("actor_id"))
        .col(text("actor_name"))
        .col(integer("count"))
        .col(text("excerpt"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(timestamp_with_time_zone_null("read_at"))
        .to_owned();
    vec![
        ("team", team),
        ("team_member", team_member()),
        ("conversation_holder", conversation_holder()),
        ("conversation_reader", conversation_reader()),
        ("notification", notification),
        ("notification_count", notification_count()),
    ]
}

fn team_member() -> TableCreateStatement {
    Table::create()
        .table("team_member")
        .col(uuid("tenant_id"))
        .col(uuid("team_id"))
        .col(uuid("user_id"))
        .primary_key(Index::create().col("tenant_id").col("team_id").col("user_id"))
        .to_owned()
}

fn conversation_holder() -> TableCreateStatement {
    Table::create()
        .table("conversation_holder")
        .col(uuid("tenant_id"))
        .col(uuid("conversation_id"))
        .col(big_integer("number"))
        .col(uuid_null("user_id"))
        .col(uuid_null("team_id"))
        .col(string("cause"))
        .col(string("by_kind"))
        .col(uuid_null("by_id"))
        .col(text("by_name"))
        .col(uuid_null("note_id"))
        .col(timestamp_with_time_zone("from_at"))
        .col(timestamp_with_time_zone_null("until_at"))
        .primary_key(Index::create().col("tenant_id").col("conversation_id").col("number"))
        .to_owned()
}

fn conversation_reader() -> TableCreateStatement {
    Table::create()
        .table("conversation_reader")
        .col(uuid("tenant_id"))
        .col(uuid("conversation_id"))
        .col(uuid("user_id"))
        .col(big_integer("seq"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(Index::create().col("tenant_id").col("conversation_id").col("user_id"))
        .to_owned()
}

fn notification_count() -> TableCreateStatement {
    Table::create()
        .table("notification_count")
        .col(uuid("tenant_id"))
        .col(uuid("user_id"))
        .col(big_integer("unread"))
        .primary_key(Index::create().col("tenant_id").col("user_id"))
        .to_owned()
}
