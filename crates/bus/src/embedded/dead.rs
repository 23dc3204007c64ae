use chrono::Utc;
use sqlx::{Row, SqliteConnection, SqlitePool, sqlite::SqliteRow};
use weft_domain::{Error, Result};

use super::{
    file::failed,
    rows::{self, signed, unsigned},
};
use crate::{DeadLetter, NewDeadLetter, dead_letter::Stamp};

/// The inner result is the caller's, the outer one the transaction's.
pub(crate) async fn insert(
    writer: &mut SqliteConnection,
    dedup: &str,
    letter: &NewDeadLetter,
) -> Result<Result<()>, sqlx::Error> {
    let texts = rows::attributes(&letter.event).and_then(|attributes| {
        Ok((attributes, serde_json::to_string(&letter.stamp(Utc::now())).map_err(Error::internal)?))
    });
    let (attributes, stamp) = match texts {
        Ok(texts) => texts,
        Err(error) => return Ok(Err(error)),
    };
    sqlx::query(
        "INSERT INTO dead (dedup, stamp, attributes, data) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
    )
    .bind(dedup)
    .bind(stamp)
    .bind(attributes)
    .bind(letter.event.data.as_ref())
    .execute(writer)
    .await?;
    Ok(Ok(()))
}

pub(crate) async fn delete(writer: &mut SqliteConnection, ids: &[u64]) -> Result<(), sqlx::Error> {
    for id in ids {
        sqlx::query("DELETE FROM dead WHERE id = ?").bind(signed(*id)).execute(&mut *writer).await?;
    }
    Ok(())
}

pub(crate) async fn list(readers: &SqlitePool, after: u64, limit: usize) -> Result<Vec<DeadLetter>> {
    sqlx::query("SELECT id, dedup, stamp, attributes, data FROM dead WHERE id > ? ORDER BY id LIMIT ?")
        .bind(signed(after))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(readers)
        .await
        .map_err(failed)?
        .iter()
        .map(letter)
        .collect()
}

fn letter(row: &SqliteRow) -> Result<DeadLetter> {
    let stamp: &str = row.try_get("stamp").map_err(failed)?;
    let stamp: Stamp = serde_json::from_str(stamp).map_err(Error::internal)?;
    let event = rows::event(row, &stamp.subject)?;
    let dedup: &str = row.try_get("dedup").map_err(failed)?;
    Ok(stamp.on(unsigned(row.try_get("id").map_err(failed)?), dedup, event))
}
