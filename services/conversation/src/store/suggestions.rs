//! Pairs of contacts who may be one person.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::merge_suggestion::{ActiveModel, Column, Entity, Model};

/// An address that more contacts share is an office's or a family's, and says nothing of one person.
pub(crate) const MAX_SHARING: u64 = 5;

/// Nobody has decided yet.
pub(crate) const OPEN: &str = "open";
/// They are two persons.
pub(crate) const DISMISSED: &str = "dismissed";
/// They are one contact now.
pub(crate) const MERGED: &str = "merged";

/// Suggests each of `contacts` together with whoever shares an address; a pair is suggested once for ever.
pub(crate) async fn suggest(
    tx: &Tx,
    contacts: &HashSet<Uuid>,
    sharing: &HashMap<String, Vec<Uuid>>,
) -> Result<()> {
    let mut pairs = BTreeSet::new();
    for people in sharing.values().filter(|people| people.len() as u64 <= MAX_SHARING) {
        for one in people.iter().filter(|one| contacts.contains(one)) {
            pairs.extend(people.iter().filter(|other| *other != one).map(|other| pair(*one, *other)));
        }
    }
    if pairs.is_empty() {
        return Ok(());
    }
    let rows = pairs.into_iter().map(|(first, second)| ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(Uuid::now_v7()),
        first_id: Set(first),
        second_id: Set(second),
        state: Set(OPEN.to_owned()),
        created_at: Set(tx.now()),
    });
    tx.insert_new(rows.collect(), OnConflict::new().do_nothing().to_owned()).await.map(drop)
}

fn pair(one: Uuid, other: Uuid) -> (Uuid, Uuid) {
    if one < other { (one, other) } else { (other, one) }
}

/// One suggestion; another tenant's and unknown ones are not found alike.
pub(crate) async fn get(tx: &Tx, id: Uuid) -> Result<Model> {
    tx.get("suggestion", Entity::find().filter(Column::Id.eq(id))).await
}

/// Notes what somebody decided about a pair.
pub(crate) async fn decide(tx: &Tx, one: Uuid, other: Uuid, state: &str) -> Result<()> {
    let (first, second) = pair(one, other);
    let row = ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        id: Set(Uuid::now_v7()),
        first_id: Set(first),
        second_id: Set(second),
        state: Set(state.to_owned()),
        created_at: Set(tx.now()),
    };
    let known = OnConflict::columns([Column::TenantId, Column::FirstId, Column::SecondId])
        .update_column(Column::State)
        .to_owned();
    tx.insert_new(vec![row], known).await.map(drop)
}

/// Takes back what is suggested about a contact that is none any more.
pub(crate) async fn forget(tx: &Tx, contact: Uuid) -> Result<()> {
    let delete = Entity::delete_many().filter(with(contact)).filter(Column::State.eq(OPEN));
    tx.delete(delete).await.map(drop)
}

/// A page of open suggestions, the newest first.
pub(crate) async fn page(
    tx: &Tx,
    contact: Option<Uuid>,
    after: Option<(DateTime<Utc>, Uuid)>,
    size: u64,
) -> Result<Vec<Model>> {
    let mut find = Entity::find()
        .filter(Column::State.eq(OPEN))
        .filter(Condition::all().add_option(contact.map(with)))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .limit(size + 1);
    if let Some((at, id)) = after {
        let key = Expr::tuple([Expr::col(Column::CreatedAt), Expr::col(Column::Id)]);
        find = find.filter(key.lt(Expr::tuple([Expr::value(at), Expr::value(id)])));
    }
    tx.all(find).await
}

fn with(contact: Uuid) -> Condition {
    Condition::any().add(Column::FirstId.eq(contact)).add(Column::SecondId.eq(contact))
}
