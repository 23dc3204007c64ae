//! What our side knows of contacts.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, LockType},
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::contact_note::{Column, Entity, Model};

/// Inserts a note.
pub(crate) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    tx.insert_all(vec![row.clone().into_active_model().reset_all()]).await
}

/// One note of a contact, its turn taken.
pub(crate) async fn take(tx: &Tx, contact: Uuid, id: Uuid) -> Result<Model> {
    let find = Entity::find().filter(Column::Id.eq(id)).filter(Column::ContactId.eq(contact));
    tx.get("note", find.lock(LockType::Update)).await
}

/// Writes a note back as it is in memory.
pub(crate) async fn save(tx: &Tx, row: &Model) -> Result<()> {
    let values = row.clone().into_active_model().reset_all();
    tx.update(Entity::update_many().set(values).filter(Column::Id.eq(row.id))).await.map(drop)
}

/// Takes a note away.
pub(crate) async fn remove(tx: &Tx, id: Uuid) -> Result<()> {
    tx.delete(Entity::delete_many().filter(Column::Id.eq(id))).await.map(drop)
}

/// Notes of a contact before one, the newest first.
pub(crate) async fn page(
    tx: &Tx,
    contact: Uuid,
    before: Option<(DateTime<Utc>, Uuid)>,
    size: u64,
) -> Result<Vec<Model>> {
    let mut find = Entity::find()
        .filter(Column::ContactId.eq(contact))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(size + 1);
    if let Some((at, id)) = before {
        let key = Expr::tuple([Expr::col(Column::CreatedAt), Expr::col(Column::Id)]);
        find = find.filter(key.lt(Expr::tuple([Expr::value(at), Expr::value(id)])));
    }
    tx.all(find).await
}

/// Gives one contact's notes to another: all, or these.
pub(crate) async fn hand_over(tx: &Tx, from: Uuid, to: Uuid, only: Option<&[Uuid]>) -> Result<Vec<Model>> {
    let mut update =
        Entity::update_many().col_expr(Column::ContactId, Expr::value(to)).filter(Column::ContactId.eq(from));
    if let Some(only) = only {
        update = update.filter(tx.is_any_of(Column::Id, only.iter().copied()));
    }
    tx.update_returning(update).await
}
