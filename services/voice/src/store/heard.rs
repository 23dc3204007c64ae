//! Which attachments have been listened to.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::heard::{ActiveModel, Column, Entity};

/// Whether a file has been listened to.
pub(crate) async fn knows(tx: &Tx, file: Uuid) -> Result<bool> {
    Ok(tx.one(Entity::find().filter(Column::Id.eq(file))).await?.is_some())
}

/// Notes that it has.
pub(crate) async fn note(tx: &Tx, file: Uuid, result: &str) -> Result<()> {
    let row = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(file),
        result: Set(result.to_owned()),
        heard_at: Set(tx.now()),
    };
    tx.insert_new(vec![row], OnConflict::new().do_nothing().to_owned()).await.map(drop)
}

/// Forgets what was heard before.
pub(crate) async fn forget(tx: &Tx, before: DateTime<Utc>) -> Result<u64> {
    tx.delete(Entity::delete_many().filter(Column::HeardAt.lt(before))).await
}
