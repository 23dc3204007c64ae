//! Bodies and keys, sealed under the tenant's key at their row.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;
use weft_bus::Event;
use weft_crypto::ExposeSecret;
use weft_domain::{Error, Result};
use weft_store::{Tx, vault::Cell};

use super::entity::dead_body::{ActiveModel, Column, Entity};

const KEY: &str = "sealed_key";
const BODY: &str = "sealed_body";

/// What was sealed of an event.
pub(crate) struct Opened {
    pub(crate) key: String,
    pub(crate) body: Vec<u8>,
}

/// Keeps what these letters' events hold of people.
pub(crate) async fn insert(tx: &Tx, events: Vec<(Uuid, &Event)>) -> Result<()> {
    let mut rows = Vec::with_capacity(events.len());
    for (letter, event) in events {
        rows.push(ActiveModel {
            tenant_id: Set(tx.tenant().uuid()),
            letter_id: Set(letter),
            sealed_key: Set(tx.vault().seal(tx, cell(letter, KEY), event.key.as_bytes()).await?),
            sealed_body: Set(tx.vault().seal(tx, cell(letter, BODY), &event.data).await?),
        });
    }
    tx.insert_all(rows).await
}

/// None once the letter has ended.
pub(crate) async fn open(tx: &Tx, letter: Uuid) -> Result<Option<Opened>> {
    let Some(row) = tx.one(Entity::find().filter(Column::LetterId.eq(letter))).await? else {
        return Ok(None);
    };
    let key = tx.vault().open(tx, cell(letter, KEY), &row.sealed_key).await?;
    let body = tx.vault().open(tx, cell(letter, BODY), &row.sealed_body).await?;
    let key = String::from_utf8(key.expose_secret().clone()).map_err(Error::internal)?;
    Ok(Some(Opened { key, body: body.expose_secret().clone() }))
}

/// Removes them for good.
pub(crate) async fn delete(tx: &Tx, letters: &[Uuid]) -> Result<()> {
    let select = Column::LetterId.is_in(letters.iter().copied());
    tx.delete(Entity::delete_many().filter(select)).await.map(drop)
}

fn cell(row: Uuid, column: &str) -> Cell<'_> {
    Cell { table: "dead_body", column, row }
}
