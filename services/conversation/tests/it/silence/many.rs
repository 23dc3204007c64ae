//! More silent conversations than one look, or one page of it, takes.

use chrono::{DateTime, TimeDelta, Utc};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseConnection, FromQueryResult, Statement, TransactionTrait};
use weft_domain::{Clock, id};
use weft_proto::{
    channel::v1::attempt_ended,
    conversation::v1::{Message, conversation::Status, message::State},
};
use weft_store::Tx;

use super::{PATIENCE, after};
use crate::{
    adapter::Tenant,
    rig::{Engine, Rig},
};

#[derive(FromQueryResult)]
struct Look {
    look_at: DateTime<Utc>,
    resolved_until: Option<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

impl Tenant<'_> {
    /// So many more conversations like that one, each with a message like that one.
    pub(super) async fn copy(&self, message: &Message, count: u32) {
        let conversation = id::parse::<id::Conversation>("id", &message.conversation_id).unwrap().uuid();
        let message = id::parse::<id::Message>("id", &message.id).unwrap().uuid();
        let copy = |tx: Tx| async move {
            let new = if tx.is_postgres() { "gen_random_uuid()" } else { "randomblob(16)" };
            let rows = "contact_id, channel_id, channel_kind, thread_id, status, priority, unread_count, last_seq, \
                        read_seq, tags, fields, active_at, created_at, updated_at";
            let sql = format!(
                "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
                 INSERT INTO conversation (tenant_id, id, holds_thread, {rows}) \
                 SELECT tenant_id, {new}, false, {rows} FROM conversation CROSS JOIN n WHERE tenant_id = $1 AND id = $2"
            );
            tx.execute(&sql, vec![conversation.into()]).await?;
            let like = "m.seq, m.channel_id, m.direction, m.author_kind, m.author_name, m.kind, m.text, m.content, \
                        m.state, m.attempt, m.repeatable, m.created_at";
            let sql = format!(
                "INSERT INTO message (tenant_id, id, conversation_id, {}) SELECT m.tenant_id, {new}, c.id, {like} \
                 FROM conversation c JOIN message m ON m.tenant_id = c.tenant_id AND m.id = $2 \
                 WHERE c.tenant_id = $1 AND NOT c.holds_thread",
                like.replace("m.", "")
            );
            tx.execute(&sql, vec![message.into()]).await
        };
        assert_eq!(self.rig.store.tenant(self.id).write(copy).await.unwrap(), u64::from(count));
    }

    async fn next_look(&self) -> Look {
        let find = |tx: Tx| async move {
            let sql = "SELECT look_at, resolved_until FROM silence_settings WHERE tenant_id = $1";
            tx.query::<Look>(sql, vec![]).await
        };
        self.rig.store.tenant(self.id).read(find).await.unwrap().pop().unwrap()
    }

    async fn count_archived(&self) -> i64 {
        let find = |tx: Tx| async move {
            let sql =
                "SELECT count(*) AS n FROM conversation WHERE tenant_id = $1 AND archived_at IS NOT NULL";
            tx.query::<Count>(sql, vec![]).await
        };
        self.rig.store.tenant(self.id).read(find).await.unwrap().pop().unwrap().n
    }
}

/// Whether somebody waits for what another transaction holds.
async fn is_waited_for(database: &DatabaseConnection) -> bool {
    let sql = "SELECT count(*) AS n FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid \
               WHERE NOT l.granted AND a.datname = current_database()";
    let query = Statement::from_string(database.get_database_backend(), sql);
    let found = database.query_one_raw(query).await.unwrap().unwrap();
    found.try_get::<i64>("", "n").unwrap() > 0
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn those_behind_many_that_never_change_are_resolved_and_then_nobody_looks_before_it_is_time(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (tenant, other) = (rig.tenant(), rig.tenant());
    let marker = other.receive("carl", "m3", "hello").await.conversation_id;
    other.set_status(&marker, "resolved").await.unwrap();
    let stuck = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let unclear = tenant.send(&stuck, "like this?").await.unwrap();
    let order = tenant.order().await;
    tenant.ended(&order, attempt_ended::Result::Unclear).await;
    let unclear =
        tenant.until_message(|message| message.id == unclear.id && message.state() == State::Unclear).await;
    tenant.copy(&unclear, 1_005).await;
    let behind = tenant.receive("bert", "m2", "hello").await.conversation_id;
    tenant.answer(&behind, "like this?").await;
    rig.clock.advance(TimeDelta::hours(3));
    tenant.set_silence(after(2, 0)).await.unwrap();
    tenant.until_conversation(&behind, |shown| shown.status() == Status::Resolved).await;
    let is_over = |look: &Look| look.resolved_until.is_none() && look.look_at > rig.clock.now();
    let rests = async || Some(tenant.next_look().await).filter(is_over);
    let look = weft_testkit::eventually("that the look is over", PATIENCE, rests).await;
    other.set_silence(after(0, 1)).await.unwrap();
    other.until_conversation(&marker, |shown| shown.archived_at.is_some()).await;
    assert_eq!(tenant.next_look().await.look_at, look.look_at, "another tenant's turn came, and not ours");
    assert_eq!(tenant.conversation(&stuck).await.status(), Status::Open);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_change_during_a_look_hold_from_its_next_page_on() {
    let rig = Rig::new(Engine::Postgres).await;
    let (tenant, other) = (rig.tenant(), rig.tenant());
    let marker = other.receive("carl", "m3", "hello").await.conversation_id;
    other.set_status(&marker, "resolved").await.unwrap();
    let first = tenant.receive("anna", "m1", "hello").await;
    tenant.set_status(&first.conversation_id, "resolved").await.unwrap();
    tenant.copy(&first, 150).await;
    rig.clock.advance(TimeDelta::hours(2));
    let database = rig.database().await;
    let held = database.begin().await.unwrap();
    let oldest = format!(
        "SELECT id FROM conversation.conversation WHERE tenant_id = '{}' ORDER BY updated_at, id LIMIT 1 FOR UPDATE",
        tenant.id.uuid()
    );
    held.execute_unprepared(&oldest).await.unwrap();
    tenant.set_silence(after(0, 1)).await.unwrap();
    let waits = async || is_waited_for(&database).await.then_some(());
    weft_testkit::eventually("that the look waits for a conversation", PATIENCE, waits).await;
    tenant.set_silence(after(0, 0)).await.unwrap();
    held.commit().await.unwrap();
    // tenants have their turns one after the other
    other.set_silence(after(0, 1)).await.unwrap();
    other.until_conversation(&marker, |shown| shown.archived_at.is_some()).await;
    let archived = tenant.count_archived().await;
    assert!((99..=100).contains(&archived), "{archived}: a page, and no more");
}
