//! The automation service's own tables.

use sea_orm_migration::{
    prelude::{
        DbErr, Index, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, Table,
        TableCreateStatement, async_trait,
    },
    schema::{
        big_integer, boolean, integer, integer_null, string, text, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
    sea_orm::ConnectionTrait,
};
use weft_store::migration::{base, secure_table};

use crate::store::{conversations, due};

mod answers;
mod replies;

/// Brings the schema up to date.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = base();
        all.push(Box::new(First));
        all.push(Box::new(replies::Replies));
        all.push(Box::new(answers::Answers));
        all
    }
}

struct First;

impl MigrationName for First {
    fn name(&self) -> &'static str {
        "m0002_automation"
    }
}

/// Indexes, which both databases write alike.
fn indexes() -> Vec<String> {
    vec![
        format!(
            "CREATE INDEX ix_conversation_waiting ON conversation (tenant_id, since, id) WHERE {}",
            conversations::WAITING
        ),
        format!("CREATE INDEX ix_conversation_due ON conversation (due_at) WHERE {}", due::WAITS),
        "CREATE INDEX ix_conversation_done ON conversation (changed_at) WHERE status IN ('resolved', 'closed')"
            .to_owned(),
        "CREATE INDEX ix_agent_status ON agent (tenant_id, status)".to_owned(),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for First {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables =
            [("agent", agent()), ("conversation", conversation()), ("assignment_settings", settings())];
        for (name, table) in tables {
            manager.create_table(table).await?;
            secure_table(manager, name).await?;
        }
        for sql in indexes() {
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

fn with_id(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned()
}

fn agent() -> TableCreateStatement {
    with_id("agent")
        .col(text("name"))
        .col(string("role"))
        .col(boolean("disabled"))
        .col(timestamp_with_time_zone_null("told_at"))
        .col(string("status"))
        .col(integer_null("capacity"))
        .col(text("note"))
        .col(integer("open"))
        .col(timestamp_with_time_zone_null("last_assigned_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn conversation() -> TableCreateStatement {
    with_id("conversation")
        .col(string("status"))
        .col(uuid_null("assignee"))
        .col(timestamp_with_time_zone("since"))
        .col(big_integer("last_seq"))
        .col(timestamp_with_time_zone("changed_at"))
        .col(boolean("held"))
        .col(boolean("waiting"))
        .col(uuid_null("chosen"))
        .col(uuid_null("decision"))
        .col(timestamp_with_time_zone_null("due_at"))
        .col(integer("attempts"))
        .to_owned()
}

fn settings() -> TableCreateStatement {
    Table::create()
        .table("assignment_settings")
        .col(uuid("tenant_id").primary_key())
        .col(boolean("enabled"))
        .to_owned()
}
