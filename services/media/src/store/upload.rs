//! Uploads that come piece by piece, and the pieces that are here.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;
use weft_domain::{Result, id::FileId};
use weft_store::{SystemTx, Tx};

use super::entity::{
    upload::{ActiveModel, Column, Entity},
    upload_piece,
};

pub(crate) use super::entity::{upload::Model, upload_piece::Model as Piece};

/// What was announced.
#[derive(Clone, Debug)]
pub(crate) struct New {
    /// Of the file that it becomes.
    pub(crate) id: FileId,
    pub(crate) name: String,
    pub(crate) declared_mime: String,
    pub(crate) length: i64,
    pub(crate) created_by: String,
    pub(crate) expires_at: DateTime<Utc>,
}

/// Adds an upload of which nothing is here yet.
pub(crate) async fn add(tx: &Tx, new: &New) -> Result<Model> {
    let row = ActiveModel {
        tenant_id: NotSet,
        id: Set(new.id.uuid()),
        name: Set(new.name.clone()),
        declared_mime: Set(new.declared_mime.clone()),
        length: Set(new.length),
        received: Set(0),
        finished: Set(false),
        created_by: Set(new.created_by.clone()),
        expires_at: Set(new.expires_at),
    };
    tx.insert(row).await
}

/// The upload that this caller began, unless it is too old.
pub(crate) async fn get(tx: &Tx, id: FileId, created_by: &str) -> Result<Model> {
    let mine = Entity::find().filter(Column::Id.eq(id.uuid())).filter(Column::CreatedBy.eq(created_by));
    tx.get("upload", mine.filter(Column::ExpiresAt.gt(tx.now()))).await
}

/// Those of the tenant that are not finished.
pub(crate) async fn unfinished(tx: &Tx) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(Column::Finished.eq(false))).await
}

/// The pieces of an upload, in order.
pub(crate) async fn pieces(tx: &Tx, id: Uuid) -> Result<Vec<Piece>> {
    let mine = upload_piece::Entity::find().filter(upload_piece::Column::UploadId.eq(id));
    tx.all(mine.order_by_asc(upload_piece::Column::At)).await
}

/// Those of these locations at which a piece lies.
pub(crate) async fn at(tx: &Tx, locations: Vec<Uuid>) -> Result<Vec<Uuid>> {
    let named = tx.is_any_of(upload_piece::Column::Location, locations);
    let rows = tx.all(upload_piece::Entity::find().filter(named)).await?;
    Ok(rows.into_iter().map(|row| row.location).collect())
}

/// Adds a piece where the upload ends now; false when it does not end there any longer.
pub(crate) async fn append(tx: &Tx, id: Uuid, piece: &Piece) -> Result<bool> {
    let grown = Entity::update_many()
        .col_expr(Column::Received, Expr::col(Column::Received).add(piece.size))
        .filter(Column::Id.eq(id))
        .filter(Column::Received.eq(piece.at))
        .filter(Column::Finished.eq(false));
    if tx.update(grown).await? == 0 {
        return Ok(false);
    }
    let row = upload_piece::ActiveModel {
        tenant_id: NotSet,
        upload_id: Set(id),
        at: Set(piece.at),
        size: Set(piece.size),
        location: Set(piece.location),
    };
    tx.insert(row).await.map(|_| true)
}

/// Notes that it has become a file. Its pieces are not needed any longer.
pub(crate) async fn finish(tx: &Tx, id: Uuid) -> Result<()> {
    let done = Entity::update_many().col_expr(Column::Finished, Expr::value(true)).filter(Column::Id.eq(id));
    tx.update(done).await?;
    remove_pieces(tx, id).await
}

/// Removes an upload.
pub(crate) async fn remove(tx: &Tx, id: Uuid) -> Result<()> {
    tx.delete(Entity::delete_many().filter(Column::Id.eq(id))).await?;
    remove_pieces(tx, id).await
}

/// Uploads that are too old, of all tenants.
pub(crate) async fn expired(system: &SystemTx, now: DateTime<Utc>, most: u64) -> Result<Vec<Model>> {
    system.all(Entity::find().filter(Column::ExpiresAt.lte(now)).limit(most)).await
}

async fn remove_pieces(tx: &Tx, id: Uuid) -> Result<()> {
    let mine = upload_piece::Entity::delete_many().filter(upload_piece::Column::UploadId.eq(id));
    tx.delete(mine).await.map(drop)
}
