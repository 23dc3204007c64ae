//! Fields that a tenant gives its conversations and contacts.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, FromJsonQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, sea_query::OnConflict,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::custom_field::{Column, Entity, Model};

/// Values by the keys of their fields, in a column.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub(crate) struct Values(pub(crate) Map<String, Value>);

/// The fields in their order: of conversations, of contacts, or all.
pub(crate) async fn all(tx: &Tx, entity: Option<&str>) -> Result<Vec<Model>> {
    let mut find = Entity::find();
    if let Some(entity) = entity {
        find = find.filter(Column::Entity.eq(entity));
    }
    tx.all(find.order_by_asc(Column::Position).order_by_asc(Column::Id)).await
}

/// One field.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Model> {
    tx.get("custom_field", Entity::find().filter(Column::Id.eq(id))).await
}

/// Inserts one, unless there is one with its key.
pub(crate) async fn insert(tx: &Tx, row: &Model) -> Result<bool> {
    let new = vec![row.clone().into_active_model().reset_all()];
    let key = OnConflict::columns([Column::TenantId, Column::Entity, Column::Key]).do_nothing().to_owned();
    Ok(!tx.insert_new(new, key).await?.is_empty())
}

/// Writes one back as it is in memory.
pub(crate) async fn save(tx: &Tx, row: &Model) -> Result<()> {
    let values = row.clone().into_active_model().reset_all();
    tx.update(Entity::update_many().set(values).filter(Column::Id.eq(row.id))).await.map(drop)
}

/// Takes one away.
pub(crate) async fn remove(tx: &Tx, id: Uuid) -> Result<bool> {
    Ok(tx.delete(Entity::delete_many().filter(Column::Id.eq(id))).await? > 0)
}
