//! What is known of conversations.

use std::collections::{BTreeSet, HashMap};

use chrono::DateTime;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    sea_query::OnConflict,
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::conversation::{Column, Entity, Model};

/// Finds these conversations; those not met before are rows without a status.
pub(crate) async fn find_or_create(
    tx: &Tx,
    generation: i64,
    ids: BTreeSet<Uuid>,
) -> Result<HashMap<Uuid, Model>> {
    let find = Entity::find()
        .filter(Column::Generation.eq(generation))
        .filter(tx.is_any_of(Column::Id, ids.iter().copied()))
        .order_by_asc(Column::Id);
    let mut found: HashMap<Uuid, Model> = tx.all(find).await?.into_iter().map(|row| (row.id, row)).collect();
    let missing: Vec<_> =
        ids.into_iter().filter(|id| !found.contains_key(id)).map(|id| new(tx, generation, id)).collect();
    let rows = missing.iter().map(|row| row.clone().into_active_model()).collect();
    let keys = [Column::TenantId, Column::Generation, Column::Id];
    tx.insert_new(rows, OnConflict::columns(keys).do_nothing().to_owned()).await?;
    found.extend(missing.into_iter().map(|row| (row.id, row)));
    Ok(found)
}

fn new(tx: &Tx, generation: i64, id: Uuid) -> Model {
    Model {
        tenant_id: tx.tenant().uuid(),
        generation,
        id,
        channel_id: Uuid::nil(),
        status: None,
        assignee: None,
        waiting_since: None,
        last_seq: 0,
        changed_at: DateTime::UNIX_EPOCH,
        change_id: String::new(),
        opened_at: None,
        first_in_seq: None,
        first_in_at: None,
        answered_at: None,
    }
}

/// Writes rows back as they are in memory.
pub(crate) async fn save_all(tx: &Tx, rows: Vec<Model>) -> Result<()> {
    tx.save_all(rows.into_iter().map(|row| row.into_active_model().reset_all()).collect()).await
}
