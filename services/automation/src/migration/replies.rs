//! Business hours, and what is said by itself.

use sea_orm_migration::{
    prelude::{
        DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, TableCreateStatement, async_trait,
    },
    schema::{
        big_integer, boolean, integer, json_binary, string, text, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
    sea_orm::ConnectionTrait,
};
use weft_store::migration::secure_table;

use super::with_id;
use crate::store::due;

pub(super) struct Replies;

impl MigrationName for Replies {
    fn name(&self) -> &'static str {
        "m0003_replies"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Replies {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = [
            ("business_hours", business_hours()),
            ("auto_reply", auto_reply()),
            ("auto_answer", auto_answer()),
        ];
        for (name, table) in tables {
            manager.create_table(table).await?;
            secure_table(manager, name).await?;
        }
        for index in [
            "UNIQUE INDEX uq_auto_answer ON auto_answer (tenant_id, id)".to_owned(),
            format!("INDEX ix_auto_answer_due ON auto_answer (due_at) WHERE {}", due::WAITS),
            "INDEX ix_auto_answer_old ON auto_answer (decided_at)".to_owned(),
        ] {
            manager.get_connection().execute_unprepared(&format!("CREATE {index}")).await?;
        }
        Ok(())
    }
}

fn business_hours() -> TableCreateStatement {
    with_id("business_hours")
        .col(text("name"))
        .col(string("time_zone"))
        .col(json_binary("calendar"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn auto_reply() -> TableCreateStatement {
    with_id("auto_reply")
        .col(text("name"))
        .col(string("occasion"))
        .col(text("text"))
        .col(json_binary("channels"))
        .col(uuid_null("hours_id"))
        .col(integer("again_after_hours"))
        .col(boolean("enabled"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn auto_answer() -> TableCreateStatement {
    Table::create()
        .table("auto_answer")
        .col(uuid("tenant_id"))
        .col(uuid("conversation_id"))
        .col(uuid("reply_id"))
        .col(uuid("id"))
        .col(big_integer("seq"))
        .col(timestamp_with_time_zone("decided_at"))
        .col(timestamp_with_time_zone_null("due_at"))
        .col(integer("attempts"))
        .col(timestamp_with_time_zone_null("said_at"))
        .primary_key(Index::create().col("tenant_id").col("conversation_id").col("reply_id"))
        .to_owned()
}
