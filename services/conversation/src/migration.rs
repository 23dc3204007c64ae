//! The conversation service's own tables.

use sea_orm_migration::{
    prelude::{
        DbErr, Index, MigrationName, MigrationTrait, MigratorTrait, SchemaManager, Table,
        TableCreateStatement, async_trait,
    },
    schema::{
        big_integer, boolean, integer, json_binary, string, string_null, text, timestamp_with_time_zone,
        timestamp_with_time_zone_null, uuid, uuid_null,
    },
    sea_orm::ConnectionTrait,
};
use weft_store::migration::{base, secure_table};

use crate::store::{conversations, messages};

mod contacts;
mod cross_channel;
mod export_attempts;
mod follow_ups;
mod message_changes;
mod organisation;
mod people;
mod programs;
mod regroupings;
mod replies;
mod search;
mod silence;
mod silence_cursor;
mod snooze;

/// Brings the schema up to date.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = base();
        all.push(Box::new(First));
        all.push(Box::new(cross_channel::CrossChannel));
        all.push(Box::new(follow_ups::FollowUps));
        all.push(Box::new(message_changes::MessageChanges));
        all.push(Box::new(snooze::Snooze));
        all.push(Box::new(organisation::Organisation));
        all.push(Box::new(search::Search));
        all.push(Box::new(replies::Replies));
        all.push(Box::new(contacts::Contacts));
        all.push(Box::new(people::People));
        all.push(Box::new(programs::Programs));
        all.push(Box::new(silence::Silence));
        all.push(Box::new(regroupings::Regroupings));
        all.push(Box::new(silence_cursor::SilenceCursor));
        all.push(Box::new(export_attempts::ExportAttempts));
        all
    }
}

struct First;

impl MigrationName for First {
    fn name(&self) -> &'static str {
        "m0002_conversation"
    }
}

/// Indexes, which both databases write alike.
fn indexes() -> Vec<String> {
    let partial = [
        format!(
            "UNIQUE INDEX uq_conversation_live ON conversation (tenant_id, channel_id, contact_id) WHERE {}",
            conversations::LIVE
        ),
        format!(
            "INDEX ix_conversation_unread ON conversation (tenant_id, active_at, id) WHERE {}",
            conversations::UNREAD
        ),
        format!(
            "INDEX ix_message_waiting ON message (tenant_id, conversation_id, seq) WHERE {}",
            messages::WAITING
        ),
        format!(
            "INDEX ix_message_unread ON message (tenant_id, conversation_id, seq) WHERE {}",
            messages::UNREAD
        ),
    ];
    let plain = [
        "INDEX ix_conversation_active ON conversation (tenant_id, active_at, id)",
        "INDEX ix_conversation_status ON conversation (tenant_id, status, active_at, id)",
        "INDEX ix_conversation_assignee ON conversation (tenant_id, assignee, active_at, id)",
        "INDEX ix_conversation_channel ON conversation (tenant_id, channel_id, active_at, id)",
        "INDEX ix_conversation_contact ON conversation (tenant_id, contact_id, active_at, id)",
        "INDEX ix_conversation_thread ON conversation (tenant_id, channel_id, thread_id)",
        "UNIQUE INDEX uq_message_seq ON message (tenant_id, conversation_id, seq)",
        "UNIQUE INDEX uq_message_external ON message (tenant_id, channel_id, external_id) WHERE external_id IS NOT NULL",
        "INDEX ix_message_due ON message (due_at) WHERE due_at IS NOT NULL",
        "INDEX ix_identity_contact ON contact_identity (tenant_id, contact_id)",
        "INDEX ix_contact_created ON contact (tenant_id, created_at, id)",
        "INDEX ix_inbox_seen ON inbox (seen_at)",
        "INDEX ix_parked_created ON parked_report (created_at)",
    ];
    // Of two that fit alike SQLite takes the younger: the narrow ones come last.
    let all = plain.map(str::to_owned).into_iter().chain(partial);
    all.map(|index| format!("CREATE {index}")).collect()
}

#[async_trait::async_trait]
impl MigrationTrait for First {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in tables() {
            manager.create_table(table).await?;
            secure_table(manager, name).await?;
        }
        for sql in indexes() {
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }
}

fn tables() -> Vec<(&'static str, TableCreateStatement)> {
    vec![
        ("contact", contact()),
        ("contact_identity", contact_identity()),
        ("conversation", conversation()),
        ("message", message()),
        ("message_part", by_external_id("message_part").col(uuid("message_id")).to_owned()),
        ("inbox", inbox()),
        ("parked_report", parked_report()),
        ("channel", with_id("channel").col(string("kind")).col(text("name")).to_owned()),
        ("person", with_id("person").col(text("name")).col(boolean("disabled")).to_owned()),
    ]
}

fn with_id(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned()
}

fn by_external_id(name: &'static str) -> TableCreateStatement {
    Table::create()
        .table(name)
        .col(uuid("tenant_id"))
        .col(uuid("channel_id"))
        .col(string("external_id"))
        .primary_key(Index::create().col("tenant_id").col("channel_id").col("external_id"))
        .to_owned()
}

fn contact() -> TableCreateStatement {
    with_id("contact")
        .col(text("name"))
        .col(boolean("is_group"))
        .col(string_null("email"))
        .col(string_null("phone"))
        .col(string_null("language"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn contact_identity() -> TableCreateStatement {
    by_external_id("contact_identity")
        .col(uuid("contact_id"))
        .col(string("channel_kind"))
        .col(string_null("username"))
        .col(boolean("reachable"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned()
}

fn conversation() -> TableCreateStatement {
    with_id("conversation")
        .col(uuid("contact_id"))
        .col(uuid("channel_id"))
        .col(string("channel_kind"))
        .col(string("thread_id"))
        .col(string("status"))
        .col(string("priority"))
        .col(uuid_null("assignee"))
        .col(integer("unread_count"))
        .col(big_integer("last_seq"))
        .col(big_integer("read_seq"))
        .col(uuid_null("last_message_id"))
        .col(uuid_null("delivering"))
        .col(timestamp_with_time_zone_null("waiting_since"))
        .col(timestamp_with_time_zone("active_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .to_owned()
}

fn message() -> TableCreateStatement {
    with_id("message")
        .col(uuid("conversation_id"))
        .col(big_integer("seq"))
        .col(uuid("channel_id"))
        .col(string("direction"))
        .col(string("author_kind"))
        .col(uuid_null("author_id"))
        .col(text("author_name"))
        .col(string("kind"))
        .col(text("text"))
        .col(json_binary("content"))
        .col(uuid_null("reply_to"))
        .col(string_null("external_id"))
        .col(string("state"))
        .col(string_null("state_reason"))
        .col(integer("attempt"))
        .col(boolean("repeatable"))
        .col(timestamp_with_time_zone_null("due_at"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(timestamp_with_time_zone_null("edited_at"))
        .col(timestamp_with_time_zone_null("deleted_at"))
        .col(timestamp_with_time_zone("created_at"))
        .to_owned()
}

fn inbox() -> TableCreateStatement {
    Table::create()
        .table("inbox")
        .col(uuid("tenant_id"))
        .col(uuid("channel_id"))
        .col(string("event_key"))
        .col(timestamp_with_time_zone("seen_at"))
        .primary_key(Index::create().col("tenant_id").col("channel_id").col("event_key"))
        .to_owned()
}

fn parked_report() -> TableCreateStatement {
    Table::create()
        .table("parked_report")
        .col(uuid("tenant_id"))
        .col(uuid("channel_id"))
        .col(string("external_id"))
        .col(string("state"))
        .col(text("reason"))
        .col(boolean("up_to"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("channel_id").col("external_id").col("state"))
        .to_owned()
}
