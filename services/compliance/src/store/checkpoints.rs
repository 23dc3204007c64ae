use prost::Message;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use weft_domain::{Error, Result};
use weft_proto::compliance::v1::Checkpoint;
use weft_store::Tx;

use super::entity::audit_checkpoint::{ActiveModel, Column, Entity};

/// Keeps a checkpoint; that of another replica at the same size stays.
pub(crate) async fn insert(tx: &Tx, checkpoint: &Checkpoint) -> Result<()> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        size: Set(i64::try_from(checkpoint.size).map_err(Error::internal)?),
        checkpoint: Set(checkpoint.encode_to_vec()),
    };
    let conflict = OnConflict::columns([Column::TenantId, Column::Size]).do_nothing().to_owned();
    tx.insert_new(vec![row], conflict).await.map(drop)
}

/// Checkpoints of more than `size` entries, in their order.
pub(crate) async fn after(tx: &Tx, size: u64, limit: u64) -> Result<Vec<Checkpoint>> {
    let size = i64::try_from(size).map_err(Error::internal)?;
    let rows = tx.all(Entity::find().filter(Column::Size.gt(size)).order_by_asc(Column::Size).limit(limit));
    rows.await?
        .into_iter()
        .map(|row| Checkpoint::decode(row.checkpoint.as_slice()).map_err(Error::internal))
        .collect()
}
