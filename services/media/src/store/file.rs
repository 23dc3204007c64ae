use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};
use uuid::Uuid;
use weft_domain::{Error, Result, id::FileId};
use weft_store::Tx;

use super::entity::file::{ActiveModel, Column, Entity, Model};

/// A file whose bytes are on disk, and that has no row yet.
#[derive(Clone, Debug)]
pub(crate) struct NewFile {
    pub(crate) id: FileId,
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) size: u64,
    pub(crate) sha256: String,
    pub(crate) key: Option<String>,
    pub(crate) created_by: String,
}

/// The file with this id.
pub(crate) async fn get(tx: &Tx, id: FileId) -> Result<Model> {
    tx.get("file", Entity::find().filter(Column::Id.eq(id.uuid()))).await
}

/// Those of these files that exist.
pub(crate) async fn find_all(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(Column::Id.is_in(ids))).await
}

/// The file that was stored under this key.
pub(crate) async fn find_by_key(tx: &Tx, key: &str) -> Result<Option<Model>> {
    tx.one(Entity::find().filter(Column::Key.eq(key))).await
}

/// Adds a file; when its key has one already, gives that one back.
pub(crate) async fn add(tx: &Tx, new: &NewFile) -> Result<Model> {
    let row = ActiveModel {
        tenant_id: NotSet,
        id: Set(new.id.uuid()),
        name: Set(new.name.clone()),
        mime: Set(new.mime.clone()),
        size: Set(i64::try_from(new.size).map_err(Error::internal)?),
        sha256: Set(new.sha256.clone()),
        key: Set(new.key.clone()),
        created_by: Set(new.created_by.clone()),
        created_at: Set(tx.now()),
    };
    let Some(key) = &new.key else { return tx.insert(row).await };
    let conflict = OnConflict::columns([Column::TenantId, Column::Key]).do_nothing().to_owned();
    let mut inserted = tx.insert_new(vec![row], conflict).await?;
    match inserted.pop() {
        Some(file) => Ok(file),
        None => tx.get("file", Entity::find().filter(Column::Key.eq(key))).await,
    }
}
