//! What the directory says of channels and users.

use std::collections::{HashMap, HashSet};

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::{channel, person};

/// Notes a channel's kind and name, and whether it was deleted.
pub(crate) async fn put_channel(tx: &Tx, id: Uuid, kind: &str, name: &str, deleted: bool) -> Result<()> {
    let row = channel::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(id),
        kind: Set(kind.to_owned()),
        name: Set(name.to_owned()),
        deleted: Set(deleted),
    };
    let keys = [channel::Column::TenantId, channel::Column::Id];
    let changed = [channel::Column::Name, channel::Column::Deleted];
    tx.insert_new(vec![row], OnConflict::columns(keys).update_columns(changed).to_owned()).await.map(|_| ())
}

/// Notes a user's name and whether they are disabled.
pub(crate) async fn put_person(tx: &Tx, id: Uuid, name: &str, disabled: bool) -> Result<()> {
    let row = person::ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(id),
        name: Set(name.to_owned()),
        disabled: Set(disabled),
    };
    let keys = [person::Column::TenantId, person::Column::Id];
    let changed = [person::Column::Name, person::Column::Disabled];
    tx.insert_new(vec![row], OnConflict::columns(keys).update_columns(changed).to_owned()).await.map(|_| ())
}

/// The names of channels, by id.
pub(crate) async fn channel_names(tx: &Tx, ids: HashSet<Uuid>) -> Result<HashMap<Uuid, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = tx.all(channel::Entity::find().filter(tx.is_any_of(channel::Column::Id, ids))).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}

/// A channel, if the directory has told us of it and not of its end.
pub(crate) async fn channel(tx: &Tx, id: Uuid) -> Result<Option<channel::Model>> {
    let find = channel::Entity::find().filter(channel::Column::Id.eq(id));
    tx.one(find.filter(channel::Column::Deleted.eq(false))).await
}

/// Users that the directory has told us of, by id.
pub(crate) async fn people(tx: &Tx, ids: HashSet<Uuid>) -> Result<HashMap<Uuid, person::Model>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = tx.all(person::Entity::find().filter(tx.is_any_of(person::Column::Id, ids))).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// A user, if the directory has told us of them.
pub(crate) async fn person(tx: &Tx, id: Uuid) -> Result<Option<person::Model>> {
    tx.one(person::Entity::find().filter(person::Column::Id.eq(id))).await
}
