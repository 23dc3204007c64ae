//! Contacts in lists.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Value,
    sea_query::{Expr, LockType},
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::{
    contacts,
    entity::contact::{Column, Entity, Model},
};

/// Contacts who are blocked. Words of an index, so that both databases see that it fits.
pub(crate) const BLOCKED: &str = "blocked_at IS NOT NULL";

/// What a list of contacts is narrowed to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Narrow {
    /// Only those with this tag.
    pub(crate) tag: Option<String>,
    /// Only those that are, or are not, blocked.
    pub(crate) blocked: Option<bool>,
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
}

/// A page of contacts, the newest first.
pub(crate) async fn page(
    tx: &Tx,
    narrow: &Narrow,
    after: Option<(DateTime<Utc>, Uuid)>,
    size: u64,
) -> Result<Vec<Model>> {
    if let Some(tag) = &narrow.tag {
        return tagged(tx, tag, narrow.blocked, after, size).await;
    }
    let mut find = Entity::find()
        .filter(Column::MergedInto.is_null())
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(size + 1);
    if let Some(blocked) = narrow.blocked {
        find = find.filter(if blocked { Expr::cust(BLOCKED) } else { Column::BlockedAt.is_null() });
    }
    if let Some((at, id)) = after {
        let key = Expr::tuple([Expr::col(Column::CreatedAt), Expr::col(Column::Id)]);
        find = find.filter(key.lt(Expr::tuple([Expr::value(at), Expr::value(id)])));
    }
    tx.all(find).await
}

/// The same of one tag, whose index is in the order of the list.
async fn tagged(
    tx: &Tx,
    tag: &str,
    blocked: Option<bool>,
    after: Option<(DateTime<Utc>, Uuid)>,
    size: u64,
) -> Result<Vec<Model>> {
    let blocked = match blocked {
        None => "",
        Some(true) => "AND c.blocked_at IS NOT NULL",
        Some(false) => "AND c.blocked_at IS NULL",
    };
    let further = if after.is_some() { "AND (t.created_at, t.contact_id) < ($3, $4)" } else { "" };
    let sql = format!(
        "SELECT t.contact_id AS id FROM contact_tag t \
         JOIN contact c ON c.tenant_id = t.tenant_id AND c.id = t.contact_id \
         WHERE t.tenant_id = $1 AND t.tag = $2 {blocked} {further} \
         ORDER BY t.created_at DESC, t.contact_id DESC LIMIT {}",
        size + 1
    );
    let mut values: Vec<Value> = vec![tag.into()];
    values.extend(after.into_iter().flat_map(|(at, id)| [at.into(), id.into()]));
    let found: Vec<Found> = tx.query(&sql, values).await?;
    let mut rows = contacts::by_ids(tx, found.iter().map(|found| found.id).collect()).await?;
    Ok(found.iter().filter_map(|found| rows.remove(&found.id)).collect())
}

/// Contacts, their turns taken in the order of their ids.
pub(crate) async fn take_all(tx: &Tx, ids: Vec<Uuid>) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let find =
        Entity::find().filter(tx.is_any_of(Column::Id, ids)).order_by_asc(Column::Id).lock(LockType::Update);
    tx.all(find).await
}

/// Whether nothing goes to a contact.
pub(crate) async fn is_blocked(tx: &Tx, id: Uuid) -> Result<bool> {
    let find = Entity::find().filter(Column::Id.eq(id)).filter(Expr::cust(BLOCKED));
    Ok(tx.one(find).await?.is_some())
}
