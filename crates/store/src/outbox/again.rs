use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, Statement, TransactionTrait};
use weft_domain::{Error, Result};

use super::{
    Pending,
    relay::{BATCH, COLUMNS, Row},
};
use crate::{Store, from_db, store::Engine};

/// How long another relay may take to finish what it has in hand.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

impl Store {
    /// How many events of `since` or later have been handed on and are still here.
    pub async fn handed_on(&self, since: DateTime<Utc>) -> Result<u64> {
        let (connection, behind) = match &self.inner.engine {
            Engine::Sqlite { readers, .. } => (readers, "id <= last_id"),
            Engine::Postgres { system, .. } => (system, "(xid, id) <= (last_xid, last_id)"),
        };
        let sql = format!(
            "SELECT COUNT(*) AS events FROM outbox, outbox_position WHERE created_at >= $1 AND {behind}"
        );
        let count = Statement::from_sql_and_values(self.backend(), sql, [since.into()]);
        let row = connection.query_one_raw(count).await.map_err(from_db)?;
        let events = row.map_or(Ok(0), |row| row.try_get::<i64>("", "events")).map_err(from_db)?;
        u64::try_from(events).map_err(Error::internal)
    }

    /// Hands on once more, in commit order, what has been handed on of `since` or later; gives how much that was. On
    /// PostgreSQL no relay hands on anything meanwhile, so that what is new comes after it.
    pub async fn hand_on_again<F, Fut>(&self, since: DateTime<Utc>, sink: F) -> Result<u64>
    where
        F: Fn(Vec<Pending>) -> Fut,
        Fut: Future<Output = Result<()>>,
    {
        match &self.inner.engine {
            Engine::Sqlite { readers, .. } => {
                let page = |_, id| {
                    format!(
                        "SELECT {COLUMNS}, 0 AS xid, TRUE AS settled FROM outbox, outbox_position \
                     WHERE created_at >= $1 AND outbox.id > {id} AND outbox.id <= last_id ORDER BY outbox.id LIMIT {BATCH}"
                    )
                };
                self.page_by_page(readers, since, page, sink).await
            }
            Engine::Postgres { system, .. } => {
                let transaction = system.begin().await.map_err(from_db)?;
                self.take_relays_turn(&transaction).await?;
                let page = |xid, id| {
                    format!(
                        "SELECT {COLUMNS}, xid::text::bigint AS xid, TRUE AS settled FROM outbox, outbox_position \
                     WHERE created_at >= $1 AND (xid, id) > ('{xid}'::xid8, {id}) AND (xid, id) <= (last_xid, last_id) \
                     ORDER BY outbox.xid, outbox.id LIMIT {BATCH}"
                    )
                };
                let count = self.page_by_page(&transaction, since, page, sink).await?;
                transaction.commit().await.map_err(from_db)?;
                Ok(count)
            }
        }
    }

    async fn page_by_page<C, F, Fut>(
        &self,
        connection: &C,
        since: DateTime<Utc>,
        page: impl Fn(i64, i64) -> String,
        sink: F,
    ) -> Result<u64>
    where
        C: ConnectionTrait,
        F: Fn(Vec<Pending>) -> Fut,
        Fut: Future<Output = Result<()>>,
    {
        let (mut after, mut count) = ((0, 0), 0);
        loop {
            let sql = page(after.0, after.1);
            let statement = Statement::from_sql_and_values(self.backend(), sql, [since.into()]);
            let rows = Row::find_by_statement(statement).all(connection).await.map_err(from_db)?;
            let Some(last) = rows.last() else { return Ok(count) };
            after = (last.xid, last.id);
            count += u64::try_from(rows.len()).map_err(Error::internal)?;
            sink(rows.into_iter().map(Pending::from).collect()).await?;
        }
    }

    /// Waits for the lock that relays work under; it is ours until the transaction ends.
    async fn take_relays_turn(&self, transaction: &DatabaseTransaction) -> Result<()> {
        let end = tokio::time::Instant::now() + PATIENCE;
        while !self.is_relays_turn(transaction).await? {
            if tokio::time::Instant::now() > end {
                return Err(Error::unavailable("relay_busy"));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }

    /// Whether we are the one who relays, until this transaction ends.
    pub(super) async fn is_relays_turn(&self, transaction: &DatabaseTransaction) -> Result<bool> {
        let service = &self.inner.service;
        let lock = format!("SELECT pg_try_advisory_xact_lock(hashtext('weft:{service}:relay')) AS mine");
        let statement = Statement::from_string(self.backend(), lock);
        let mine = transaction.query_one_raw(statement).await.and_then(|row| match row {
            Some(row) => row.try_get::<bool>("", "mine"),
            None => Err(DbErr::RecordNotFound("the lock's answer".to_owned())),
        });
        mine.map_err(from_db)
    }
}
