//! What channels and people are called: the newest event about each says it.

use std::collections::{BTreeMap, HashMap, HashSet};

use sea_orm::{
    ActiveValue::Set,
    EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::{channel, person};
use crate::change::{Change, Named};

/// Notes the names that a batch tells.
pub(crate) async fn put_all(tx: &Tx, changes: &[Change]) -> Result<()> {
    let channels = newest(changes.iter().filter_map(|change| match change {
        Change::Channel(named) => Some(named),
        _ => None,
    }));
    let people = newest(changes.iter().filter_map(|change| match change {
        Change::Person(named) => Some(named),
        _ => None,
    }));
    let rows = channels.values().map(|named| channel::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(named.id),
        kind: Set(named.kind.clone()),
        name: Set(named.name.clone()),
        changed_at: Set(named.at),
    });
    let older = Expr::col((channel::Entity, channel::Column::ChangedAt))
        .lt(Expr::col(("excluded", channel::Column::ChangedAt)));
    let newer = OnConflict::columns([channel::Column::TenantId, channel::Column::Id])
        .update_columns([channel::Column::Kind, channel::Column::Name, channel::Column::ChangedAt])
        .action_and_where(older)
        .to_owned();
    tx.insert_new(rows.collect(), newer).await?;
    let rows = people.values().map(|named| person::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(named.id),
        name: Set(named.name.clone()),
        changed_at: Set(named.at),
    });
    let older = Expr::col((person::Entity, person::Column::ChangedAt))
        .lt(Expr::col(("excluded", person::Column::ChangedAt)));
    let newer = OnConflict::columns([person::Column::TenantId, person::Column::Id])
        .update_columns([person::Column::Name, person::Column::ChangedAt])
        .action_and_where(older)
        .to_owned();
    tx.insert_new(rows.collect(), newer).await.map(|_| ())
}

/// Each once, the newest, in order.
fn newest<'a>(all: impl Iterator<Item = &'a Named>) -> BTreeMap<Uuid, &'a Named> {
    let mut found: BTreeMap<Uuid, &Named> = BTreeMap::new();
    for named in all {
        let known = found.entry(named.id).or_insert(named);
        if known.at < named.at {
            *known = named;
        }
    }
    found
}

/// The kinds and names of channels, by id.
pub(crate) async fn channels(tx: &Tx, ids: HashSet<Uuid>) -> Result<HashMap<Uuid, channel::Model>> {
    let rows = tx.all(channel::Entity::find().filter(tx.is_any_of(channel::Column::Id, ids))).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The names of people, by id.
pub(crate) async fn people(tx: &Tx, ids: HashSet<Uuid>) -> Result<HashMap<Uuid, String>> {
    let rows = tx.all(person::Entity::find().filter(tx.is_any_of(person::Column::Id, ids))).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
