use sqlx::{QueryBuilder, Sqlite, SqliteConnection};
use tokio::sync::oneshot;
use weft_domain::Result;

use super::{dead, register, rows::signed};
use crate::{ConsumerSpec, NewDeadLetter};

/// A write that is not a publish.
pub(crate) enum Op {
    /// What a consumer is done with. Nobody waits for it: lost, the events come again.
    Settle(Settle),
    /// How often events have been handed out.
    Attempts { consumer: String, counts: Vec<(u64, u32)>, reply: oneshot::Sender<Result<()>> },
    /// A new dead letter; one with the same `dedup` is there already.
    Bury { dedup: String, letter: Box<NewDeadLetter>, reply: oneshot::Sender<Result<()>> },
    /// Removes dead letters.
    Remove { ids: Vec<u64>, reply: oneshot::Sender<Result<()>> },
    /// Creates or updates consumers.
    Register { specs: Vec<ConsumerSpec>, reply: oneshot::Sender<Result<()>> },
}

/// What a consumer is done with.
pub(crate) struct Settle {
    pub consumer: String,
    /// All up to here.
    pub floor: u64,
    /// And these above.
    pub above: Vec<u64>,
    /// Whether rows below the floor are left to clean.
    pub clean: bool,
}

impl Op {
    /// Whether nobody waits, so that it may wait for company.
    pub(crate) fn can_wait(&self) -> bool {
        matches!(self, Self::Settle(_))
    }

    /// Runs it inside the transaction; what it gives back is sent after the commit.
    pub(crate) async fn apply(self, writer: &mut SqliteConnection) -> Result<Option<Answer>, sqlx::Error> {
        match self {
            Self::Settle(settle) => settle.apply(writer).await.map(|()| None),
            Self::Attempts { consumer, counts, reply } => {
                for (cursor, count) in counts {
                    sqlx::query("INSERT INTO attempt (consumer, cursor, count) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = excluded.count")
                        .bind(&consumer)
                        .bind(signed(cursor))
                        .bind(i64::from(count))
                        .execute(&mut *writer)
                        .await?;
                }
                Ok(Some(Answer { reply, result: Ok(()) }))
            }
            Self::Bury { dedup, letter, reply } => {
                let result = dead::insert(writer, &dedup, &letter).await?;
                Ok(Some(Answer { reply, result }))
            }
            Self::Remove { ids, reply } => {
                dead::delete(writer, &ids).await?;
                Ok(Some(Answer { reply, result: Ok(()) }))
            }
            Self::Register { specs, reply } => {
                let result = register::register(writer, &specs).await?;
                Ok(Some(Answer { reply, result }))
            }
        }
    }
}

/// An answer that waits for the commit.
pub(crate) struct Answer {
    pub reply: oneshot::Sender<Result<()>>,
    pub result: Result<()>,
}

impl Settle {
    async fn apply(self, writer: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        sqlx::query("UPDATE consumer SET floor = max(floor, ?) WHERE name = ?")
            .bind(signed(self.floor))
            .bind(&self.consumer)
            .execute(&mut *writer)
            .await?;
        if !self.above.is_empty() {
            let mut insert = QueryBuilder::<Sqlite>::new("INSERT OR IGNORE INTO ack (consumer, cursor) ");
            insert.push_values(&self.above, |mut row, cursor| {
                row.push_bind(self.consumer.as_str()).push_bind(signed(*cursor));
            });
            insert.build().execute(&mut *writer).await?;
        }
        if self.clean {
            for table in [
                "DELETE FROM ack WHERE consumer = ? AND cursor <= ?",
                "DELETE FROM attempt WHERE consumer = ? AND cursor <= ?",
            ] {
                sqlx::query(table)
                    .bind(&self.consumer)
                    .bind(signed(self.floor))
                    .execute(&mut *writer)
                    .await?;
            }
        }
        Ok(())
    }
}
