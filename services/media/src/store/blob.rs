//! The bytes that files of a tenant share, by their SHA-256.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::blob::{ActiveModel, Column, Entity};

pub(crate) use super::entity::blob::Model;

/// The bytes with this hash.
pub(crate) async fn find(tx: &Tx, sha256: &str) -> Result<Option<Model>> {
    tx.one(Entity::find().filter(Column::Sha256.eq(sha256))).await
}

/// The bytes with these hashes.
pub(crate) async fn find_all(tx: &Tx, sha256: Vec<String>) -> Result<Vec<Model>> {
    tx.all(Entity::find().filter(tx.is_any_of(Column::Sha256, sha256))).await
}

/// Those of these locations at which bytes lie.
pub(crate) async fn at(tx: &Tx, locations: Vec<Uuid>) -> Result<Vec<Uuid>> {
    let rows = tx.all(Entity::find().filter(tx.is_any_of(Column::Location, locations))).await?;
    Ok(rows.into_iter().map(|row| row.location).collect())
}

/// Whether bytes may be downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nobody looked into them yet.
    Received,
    Available,
    /// Something harmful was found.
    Quarantined,
}

impl State {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Available => "available",
            Self::Quarantined => "quarantined",
        }
    }
}

impl Model {
    /// Whether they may be downloaded. A word that this release does not know says no.
    pub(crate) fn state(&self) -> State {
        match self.state.as_str() {
            "available" => State::Available,
            "received" => State::Received,
            _ => State::Quarantined,
        }
    }
}

/// Bytes that came.
pub(crate) struct New<'a> {
    pub(crate) sha256: &'a str,
    pub(crate) size: i64,
    pub(crate) location: Uuid,
    /// When something is to be done with them.
    pub(crate) due_at: Option<DateTime<Utc>>,
    pub(crate) state: State,
}

/// Counts one more file with these bytes, which are at their location unless the tenant had them before.
pub(crate) async fn take(tx: &Tx, new: &New<'_>) -> Result<Model> {
    let row = ActiveModel {
        tenant_id: NotSet,
        sha256: Set(new.sha256.to_owned()),
        location: Set(new.location),
        size: Set(new.size),
        refs: Set(1),
        created_at: Set(tx.now()),
        width: Set(None),
        height: Set(None),
        attempts: Set(0),
        due_at: Set(new.due_at),
        state: Set(new.state.word().to_owned()),
        found: Set(None),
    };
    let more = Expr::col((Entity, Column::Refs)).add(1);
    let conflict =
        OnConflict::columns([Column::TenantId, Column::Sha256]).value(Column::Refs, more).to_owned();
    let kept = tx.insert_new(vec![row], conflict).await?.pop();
    kept.ok_or_else(|| weft_domain::Error::internal("a blob was neither new nor known"))
}

/// Counts one file less with these bytes. With the last one they go; says how much they took.
pub(crate) async fn let_go(tx: &Tx, sha256: &str) -> Result<i64> {
    let mine = || Column::Sha256.eq(sha256);
    let less = Entity::update_many().col_expr(Column::Refs, Expr::col(Column::Refs).sub(1)).filter(mine());
    let left = tx.update_returning(less).await?.pop();
    // a file of an older release was not counted
    let Some(last) = left.filter(|blob| blob.refs <= 0) else { return Ok(0) };
    if super::file::any_with(tx, sha256).await? {
        return Ok(0);
    }
    tx.delete(Entity::delete_many().filter(mine())).await?;
    Ok(last.size + super::variant::remove_all(tx, sha256).await?)
}
