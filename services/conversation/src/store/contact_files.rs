//! Contacts from files, and into them.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, FromJsonQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{LockType, OnConflict},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_domain::{Error, Result};
use weft_store::Tx;

use super::entity::{contact_export, contact_import, contact_import_error};

/// What goes on. Words of an index, so that both databases see that it fits.
pub(crate) const RUNNING: &str = "state = 'running'";
/// The same of imports that write; an index of what goes on serves it.
pub(crate) const TAKING: &str = "state = 'running' AND NOT dry_run";
/// The same of dry runs.
pub(crate) const TRYING: &str = "state = 'running' AND dry_run";
/// Exports that go on, and those whose file is to go; words of an index, too.
pub(crate) const DUE: &str = "due_at IS NOT NULL";
/// How long a worker may be silent before another one goes on with its work.
pub(crate) const LEASE: TimeDelta = TimeDelta::seconds(30);
/// So often an import or export is taken up without getting on: with the waits between, for about an hour.
pub(crate) const MOST_ATTEMPTS: u32 = 16;
/// When work that was broken off goes on; each further attempt waits twice as long.
const AGAIN: TimeDelta = TimeDelta::seconds(5);
/// The longest wait between two attempts.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(5);
/// So many rows that could not be taken are told of.
pub(crate) const MOST_ERRORS: i64 = 10_000;

/// What the columns of a file are, by their headings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Said(pub(crate) BTreeMap<String, String>);

/// How a file is laid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Layout {
    /// What stands between cells.
    pub(crate) delimiter: u8,
    /// Where the first row begins.
    pub(crate) start: u64,
    /// The headings, and what is under each; empty: nothing that is taken.
    pub(crate) columns: Vec<(String, String)>,
}

/// How far a file is known, and how hard it is to read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Reading {
    /// Its layout, once its heading was read.
    #[serde(flatten)]
    pub(crate) layout: Option<Layout>,
    /// How often a worker took it up since the last row that stays taken.
    #[serde(default)]
    pub(crate) attempts: u32,
}

/// Inserts an import, unless another one of the tenant goes on.
pub(crate) async fn insert_import(tx: &Tx, row: &contact_import::Model) -> Result<bool> {
    let new = vec![row.clone().into_active_model().reset_all()];
    Ok(!tx.insert_new(new, OnConflict::new().do_nothing().to_owned()).await?.is_empty())
}

/// One import.
pub(crate) async fn import(tx: &Tx, id: Uuid) -> Result<contact_import::Model> {
    use contact_import::{Column, Entity};
    tx.get("import", Entity::find().filter(Column::Id.eq(id))).await
}

/// An import, its turn taken; none: it is gone.
pub(crate) async fn take_import(tx: &Tx, id: Uuid) -> Result<Option<contact_import::Model>> {
    use contact_import::{Column, Entity};
    tx.one(Entity::find().filter(Column::Id.eq(id)).lock(LockType::Update)).await
}

/// Writes an import back as it is in memory.
pub(crate) async fn save_import(tx: &Tx, row: &contact_import::Model) -> Result<()> {
    use contact_import::{Column, Entity};
    let values = row.clone().into_active_model().reset_all();
    tx.update(Entity::update_many().set(values).filter(Column::Id.eq(row.id))).await.map(drop)
}

/// Keeps rows that could not be taken.
pub(crate) async fn add_errors(tx: &Tx, rows: Vec<contact_import_error::Model>) -> Result<()> {
    tx.insert_all(rows.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await
}

/// Forgets the rows that could not be taken.
pub(crate) async fn forget_errors(tx: &Tx, import: Uuid) -> Result<()> {
    use contact_import_error::{Column, Entity};
    tx.delete(Entity::delete_many().filter(Column::ImportId.eq(import))).await.map(drop)
}

/// Rows that could not be taken after one, in their order.
pub(crate) async fn errors(
    tx: &Tx,
    import: Uuid,
    after: Option<i64>,
    size: u64,
) -> Result<Vec<contact_import_error::Model>> {
    use contact_import_error::{Column, Entity};
    let mut find = Entity::find().filter(Column::ImportId.eq(import));
    if let Some(after) = after {
        find = find.filter(Column::RowNumber.gt(after));
    }
    tx.all(find.order_by_asc(Column::RowNumber).limit(size + 1)).await
}

/// Inserts an export, unless another one of the tenant goes on.
pub(crate) async fn insert_export(tx: &Tx, row: &contact_export::Model) -> Result<bool> {
    let new = vec![row.clone().into_active_model().reset_all()];
    Ok(!tx.insert_new(new, OnConflict::new().do_nothing().to_owned()).await?.is_empty())
}

/// One export.
pub(crate) async fn export(tx: &Tx, id: Uuid) -> Result<contact_export::Model> {
    use contact_export::{Column, Entity};
    tx.get("export", Entity::find().filter(Column::Id.eq(id))).await
}

/// An export, its turn taken; none: it is gone.
pub(crate) async fn take_export(tx: &Tx, id: Uuid) -> Result<Option<contact_export::Model>> {
    use contact_export::{Column, Entity};
    tx.one(Entity::find().filter(Column::Id.eq(id)).lock(LockType::Update)).await
}

/// Writes an export back as it is in memory.
pub(crate) async fn save_export(tx: &Tx, row: &contact_export::Model) -> Result<()> {
    use contact_export::{Column, Entity};
    let values = row.clone().into_active_model().reset_all();
    tx.update(Entity::update_many().set(values).filter(Column::Id.eq(row.id))).await.map(drop)
}

/// How long work that was broken off waits for its next attempt, after so many.
pub(crate) fn wait_after(attempts: u32) -> TimeDelta {
    let doublings = attempts.saturating_sub(1).min(MOST_ATTEMPTS);
    (AGAIN * 2_i32.pow(doublings)).min(LONGEST_WAIT)
}

/// A whole number as the database keeps it.
pub(crate) fn count(
    number: impl TryInto<i64, Error: std::error::Error + Send + Sync + 'static>,
) -> Result<i64> {
    number.try_into().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attempt_waits_twice_as_long_as_the_one_before_and_five_minutes_at_most() {
        let waits: Vec<i64> = (1..=8).map(|attempts| wait_after(attempts).num_seconds()).collect();
        assert_eq!(waits, [5, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!((wait_after(0), wait_after(u32::MAX)), (AGAIN, LONGEST_WAIT));
    }
}
