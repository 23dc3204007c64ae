//! How much the files of a tenant take: one row that counts, so that nobody has to add up.

use sea_orm::{
    ActiveValue::{NotSet, Set},
    EntityTrait,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use weft_domain::{Error, Result};
use weft_store::Tx;

use super::entity::storage_usage::{ActiveModel, Column, Entity, Model};

/// What there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) files: u64,
    pub(crate) bytes: u64,
}

/// What there is now.
pub(crate) async fn get(tx: &Tx) -> Result<Usage> {
    Ok(tx.one(Entity::find()).await?.map(Usage::from).unwrap_or_default())
}

/// Adds to it, and gives what there is then.
pub(crate) async fn add(tx: &Tx, files: i64, bytes: i64) -> Result<Usage> {
    let row = ActiveModel { tenant_id: NotSet, files: Set(files), bytes: Set(bytes) };
    let more = |column: Column, by: i64| (column, Expr::col((Entity, column)).add(by));
    let conflict = OnConflict::column(Column::TenantId)
        .values([more(Column::Files, files), more(Column::Bytes, bytes)])
        .to_owned();
    let row = tx.insert_new(vec![row], conflict).await?.pop();
    row.map(Usage::from).ok_or_else(|| Error::internal("nothing counts what files take"))
}

impl From<Model> for Usage {
    fn from(row: Model) -> Self {
        let count = |number| u64::try_from(number).unwrap_or_default();
        Self { files: count(row.files), bytes: count(row.bytes) }
    }
}
