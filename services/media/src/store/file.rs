use std::time::Duration;

use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use uuid::Uuid;
use weft_domain::{Error, ErrorCode, Result, id::FileId};
use weft_store::Tx;

use super::{
    blob::{self, State},
    entity::file::{ActiveModel, Column, Entity},
    variant,
};

pub(crate) use super::entity::file::Model;

/// How long looking into a file takes, as a rule.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// A file whose bytes are on disk, and that has no row yet.
#[derive(Clone, Debug)]
pub(crate) struct NewFile {
    pub(crate) id: FileId,
    pub(crate) location: Uuid,
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) size: i64,
    pub(crate) sha256: String,
    pub(crate) key: Option<String>,
    pub(crate) created_by: String,
}

/// A file, and the bytes it shares with others.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) file: Model,
    /// None: an older release stored it, under its own id.
    pub(crate) blob: Option<blob::Model>,
}

impl Kept {
    /// Where its bytes are.
    pub(crate) fn location(&self) -> Uuid {
        self.blob.as_ref().map_or(self.file.id, |blob| blob.location)
    }

    /// Whether it may be downloaded.
    pub(crate) fn state(&self) -> State {
        self.blob.as_ref().map_or(State::Available, blob::Model::state)
    }

    /// An error unless it may be downloaded.
    pub(crate) fn require_available(&self) -> Result<()> {
        match self.state() {
            State::Available => Ok(()),
            State::Received => {
                let words = "the file was not looked into yet; try again in a moment";
                let error = Error::new(ErrorCode::Unavailable, "file_not_scanned", words);
                Err(error.with_retry_after(RETRY_AFTER))
            }
            State::Quarantined => {
                let words = "something harmful was found in this file; it cannot be downloaded";
                Err(Error::new(ErrorCode::Forbidden, "file_quarantined", words))
            }
        }
    }

    /// How many bytes it has.
    pub(crate) fn size(&self) -> u64 {
        u64::try_from(self.file.size).unwrap_or_default()
    }
}

/// The file with this id.
pub(crate) async fn get(tx: &Tx, id: FileId) -> Result<Kept> {
    let file = tx.get("file", Entity::find().filter(Column::Id.eq(id.uuid()))).await?;
    with_blob(tx, file).await
}

/// Like [`get`], and nobody else deletes or holds it until the transaction ends.
pub(crate) async fn get_locked(tx: &Tx, id: FileId) -> Result<Model> {
    tx.get("file", Entity::find().filter(Column::Id.eq(id.uuid())).lock_exclusive()).await
}

/// Those of these files that exist, locked in the order of their ids.
pub(crate) async fn find_locked(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Model>> {
    let mine = tx.is_any_of(Column::Id, ids);
    tx.all(Entity::find().filter(mine).order_by_asc(Column::Id).lock_exclusive()).await
}

/// Those of these files that exist.
pub(crate) async fn find_all(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Kept>> {
    let files = tx.all(Entity::find().filter(tx.is_any_of(Column::Id, ids))).await?;
    let blobs = blob::find_all(tx, files.iter().map(|file| file.sha256.clone()).collect()).await?;
    let blob_of = |file: &Model| blobs.iter().find(|blob| blob.sha256 == file.sha256).cloned();
    Ok(files.into_iter().map(|file| Kept { blob: blob_of(&file), file }).collect())
}

/// The file that was stored under this key.
pub(crate) async fn find_by_key(tx: &Tx, key: &str) -> Result<Option<Kept>> {
    match tx.one(Entity::find().filter(Column::Key.eq(key))).await? {
        Some(file) => with_blob(tx, file).await.map(Some),
        None => Ok(None),
    }
}

/// Files with these bytes, a few where there are many.
pub(crate) async fn some_with(tx: &Tx, sha256: &str) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(Column::Sha256.eq(sha256)).limit(100)).await
}

/// Where all is that goes with a file when it is the last one with its bytes.
pub(crate) async fn places(tx: &Tx, kept: &Kept) -> Result<Vec<Uuid>> {
    let variants = variant::of(tx, &kept.file.sha256).await?;
    Ok(variants.iter().map(|row| row.location).chain([kept.location()]).collect())
}

/// Whether there is a file with these bytes.
pub(crate) async fn any_with(tx: &Tx, sha256: &str) -> Result<bool> {
    Ok(tx.one(Entity::find().filter(Column::Sha256.eq(sha256)).limit(1)).await?.is_some())
}

/// Adds a file; none when its key has one already.
pub(crate) async fn add(tx: &Tx, new: &NewFile) -> Result<Option<Model>> {
    let row = ActiveModel {
        tenant_id: NotSet,
        id: Set(new.id.uuid()),
        name: Set(new.name.clone()),
        mime: Set(new.mime.clone()),
        size: Set(new.size),
        sha256: Set(new.sha256.clone()),
        key: Set(new.key.clone()),
        created_by: Set(new.created_by.clone()),
        created_at: Set(tx.now()),
    };
    if new.key.is_none() {
        return tx.insert(row).await.map(Some);
    }
    let conflict = OnConflict::columns([Column::TenantId, Column::Key]).do_nothing().to_owned();
    Ok(tx.insert_new(vec![row], conflict).await?.pop())
}

/// Deletes a file's row.
pub(crate) async fn remove(tx: &Tx, id: Uuid) -> Result<()> {
    tx.delete(Entity::delete_many().filter(Column::Id.eq(id))).await.map(drop)
}

async fn with_blob(tx: &Tx, file: Model) -> Result<Kept> {
    let blob = blob::find(tx, &file.sha256).await?;
    Ok(Kept { file, blob })
}

/// A number of bytes as a column takes it.
pub(crate) fn stored_size(bytes: u64) -> Result<i64> {
    i64::try_from(bytes).map_err(Error::internal)
}
