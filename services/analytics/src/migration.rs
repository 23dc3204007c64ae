//! The analytics service's own tables.

use sea_orm_migration::{
    prelude::{
        DbErr, Index, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, Table,
        TableCreateStatement, async_trait,
    },
    schema::{
        big_integer, big_integer_null, boolean, string, string_null, text, text_null,
        timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
    },
    sea_orm::ConnectionTrait,
};
use weft_store::migration::{base, secure_table};

use crate::store::live::LIVE;

/// Brings the schema up to date.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = base();
        all.push(Box::new(First));
        all
    }
}

struct First;

impl MigrationName for First {
    fn name(&self) -> &'static str {
        "m0002_analytics"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for First {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in tables() {
            manager.create_table(table).await?;
            secure_table(manager, name).await?;
        }
        let live =
            format!("CREATE INDEX ix_conversation_live ON conversation (tenant_id, generation) WHERE {LIVE}");
        manager.get_connection().execute_unprepared(&live).await?;
        Ok(())
    }
}

fn tables() -> Vec<(&'static str, TableCreateStatement)> {
    vec![
        ("channel", with_id("channel").col(string("kind")).col(text("name")).col(changed_at()).to_owned()),
        ("person", with_id("person").col(text("name")).col(changed_at()).to_owned()),
        ("conversation", conversation()),
        ("message", message()),
        ("rollup", rollup()),
        ("projection", projection()),
        ("rebuild", rebuild()),
    ]
}

fn changed_at() -> sea_orm_migration::prelude::ColumnDef {
    timestamp_with_time_zone("changed_at")
}

fn with_id(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned()
}

/// Rows of several computations live side by side until one has replaced the other.
fn computed(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(uuid("tenant_id"))
        .col(big_integer("generation"))
        .col(uuid("id"))
        .primary_key(Index::create().col("tenant_id").col("generation").col("id"))
        .to_owned()
}

fn conversation() -> TableCreateStatement {
    computed("conversation")
        .col(uuid("channel_id"))
        .col(string_null("status"))
        .col(uuid_null("assignee"))
        .col(timestamp_with_time_zone_null("waiting_since"))
        .col(big_integer("last_seq"))
        .col(changed_at())
        .col(string("change_id"))
        .col(timestamp_with_time_zone_null("opened_at"))
        .col(big_integer_null("first_in_seq"))
        .col(timestamp_with_time_zone_null("first_in_at"))
        .col(timestamp_with_time_zone_null("answered_at"))
        .to_owned()
}

fn message() -> TableCreateStatement {
    computed("message")
        .col(uuid("conversation_id"))
        .col(big_integer("slot"))
        .col(uuid("agent_id"))
        .col(boolean("failed"))
        .col(boolean("unclear"))
        .to_owned()
}

fn rollup() -> TableCreateStatement {
    let key = Index::create()
        .col("tenant_id")
        .col("generation")
        .col("slot")
        .col("channel_id")
        .col("agent_id")
        .col("figure")
        .col("bucket")
        .to_owned();
    Table::create()
        .table("rollup")
        .col(uuid("tenant_id"))
        .col(big_integer("generation"))
        .col(big_integer("slot"))
        .col(uuid("channel_id"))
        .col(uuid("agent_id"))
        .col(string("figure"))
        .col(big_integer("bucket"))
        .col(big_integer("value"))
        .primary_key(&mut key.clone())
        .to_owned()
}

fn projection() -> TableCreateStatement {
    Table::create()
        .table("projection")
        .col(uuid("tenant_id").primary_key())
        .col(big_integer("generation"))
        .col(big_integer("applied"))
        .col(timestamp_with_time_zone_null("held_until"))
        .to_owned()
}

fn rebuild() -> TableCreateStatement {
    Table::create()
        .table("rebuild")
        .col(uuid("tenant_id").primary_key())
        .col(uuid("id"))
        .col(string("state"))
        .col(big_integer("generation"))
        .col(boolean("partial"))
        .col(big_integer("from_cursor"))
        .col(big_integer("cursor"))
        .col(big_integer("to_cursor"))
        .col(big_integer("events"))
        .col(big_integer_null("since"))
        .col(uuid("owner"))
        .col(timestamp_with_time_zone("lease_until"))
        .col(timestamp_with_time_zone("started_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .col(text_null("reason"))
        .col(boolean("tidied"))
        .to_owned()
}
