use std::sync::Arc;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{Mutex, MutexGuard, Notify, oneshot};
use weft_domain::{Error, Result};

use crate::{from_db, metering};

/// SQLite's one writer. A commit costs a sync of the disk, so writers that wait for their turn at the same time share one:
/// each runs in a savepoint of the group's transaction and is answered when the group has been committed (DB-2).
pub(crate) struct Writer {
    shared: Arc<Shared>,
}

struct Shared {
    connection: DatabaseConnection,
    group: Mutex<Group>,
    released: Notify,
}

#[derive(Default)]
struct Group {
    transaction: Option<DatabaseTransaction>,
    members: Vec<oneshot::Sender<std::result::Result<(), Arc<DbErr>>>>,
}

impl Writer {
    pub(crate) fn new(connection: DatabaseConnection) -> Self {
        let shared = Arc::new(Shared { connection, group: Mutex::default(), released: Notify::new() });
        #[expect(
            clippy::disallowed_methods,
            reason = "must outlive cancelled callers; ends when the writer is dropped"
        )]
        tokio::spawn(commit_groups(Arc::downgrade(&shared)));
        Self { shared }
    }

    pub(crate) fn connection(&self) -> &DatabaseConnection {
        &self.shared.connection
    }

    /// Waits for the turn and opens a savepoint in the group's transaction.
    pub(crate) async fn turn(&self) -> std::result::Result<(Turn<'_>, DatabaseTransaction), DbErr> {
        let mut turn = Turn { group: self.shared.group.lock().await, released: &self.shared.released };
        if turn.group.transaction.is_none() {
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            };
            turn.group.transaction = Some(self.shared.connection.begin_with_options(options).await?);
        }
        let Some(transaction) = &turn.group.transaction else {
            return Err(DbErr::Custom("the group has a transaction".to_owned()));
        };
        let savepoint = transaction.begin().await?;
        Ok((turn, savepoint))
    }

    pub(crate) async fn close(&self) -> Result<()> {
        self.shared.group.lock().await.commit().await;
        self.shared.connection.close_by_ref().await.map_err(from_db)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.released.notify_one();
    }
}

/// The right to write. Given back when dropped, also by a caller that was cancelled.
pub(crate) struct Turn<'a> {
    group: MutexGuard<'a, Group>,
    released: &'a Notify,
}

impl Turn<'_> {
    /// Joins the group with what the released savepoint holds, and gives the turn back.
    pub(crate) fn join(mut self) -> Joined {
        let (answer, joined) = oneshot::channel();
        self.group.members.push(answer);
        Joined(joined)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.released.notify_one();
    }
}

/// Resolves when the group is on disk.
pub(crate) struct Joined(oneshot::Receiver<std::result::Result<(), Arc<DbErr>>>);

impl Joined {
    pub(crate) async fn committed(self) -> Result<()> {
        match self.0.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Error::unavailable("database_unavailable").with_source(error.to_string())),
            Err(_) => Err(Error::unavailable("database_closed")),
        }
    }
}

impl Group {
    async fn commit(&mut self) {
        let Some(transaction) = self.transaction.take() else { return };
        let result = transaction.commit().await.map_err(Arc::new);
        metering::group_of(self.members.len());
        for member in self.members.drain(..) {
            // A caller that went away does not need the answer.
            drop(member.send(result.clone()));
        }
    }
}

/// Commits after each turn. The lock is fair: all who waited before the committer are in the group it commits.
async fn commit_groups(shared: std::sync::Weak<Shared>) {
    while let Some(strong) = shared.upgrade() {
        let gone = Arc::strong_count(&strong) == 1;
        strong.group.lock().await.commit().await;
        if gone {
            return;
        }
        strong.released.notified().await;
    }
}
