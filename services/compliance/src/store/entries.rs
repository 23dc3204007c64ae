use std::collections::HashSet;

use chrono::{DateTime, Utc};
use prost::Message;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use uuid::Uuid;
use weft_domain::{Error, Result, TenantId, id};
use weft_proto::{compliance::v1::AuditEntry, convert::time};
use weft_store::{Purpose, Store, Tx};

use super::entity::{
    audit_entry::{ActiveModel, Column, Entity, Model},
    audit_object,
};
use crate::chain::{Hash, link};

/// Where a chain ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) size: u64,
    pub(crate) hash: Hash,
}

/// An entry in its place.
pub(crate) struct Linked {
    pub(crate) id: Uuid,
    pub(crate) prev: Hash,
    pub(crate) hash: Hash,
    pub(crate) entry: AuditEntry,
}

/// Which entries to list.
#[derive(Debug, Default)]
pub(crate) struct Filter<'a> {
    pub(crate) before: Option<u64>,
    pub(crate) actor: Option<&'a str>,
    pub(crate) action: Option<&'a str>,
    pub(crate) object: Option<&'a str>,
    pub(crate) from: Option<DateTime<Utc>>,
    pub(crate) to: Option<DateTime<Utc>>,
}

/// Where the tenant's chain ends now.
pub(crate) async fn head(tx: &Tx) -> Result<Head> {
    let last = tx.one(Entity::find().order_by_desc(Column::Seq).limit(1)).await?;
    last.map_or(Ok(Head { size: 0, hash: link::START }), |row| {
        Ok(Head { size: unsigned(row.seq)?, hash: hash(&row.hash)? })
    })
}

/// Those of the events that have an entry.
pub(crate) async fn known(tx: &Tx, events: impl Iterator<Item = Uuid>) -> Result<HashSet<Uuid>> {
    let rows = tx.all(Entity::find().filter(tx.is_any_of(Column::EventId, events))).await?;
    Ok(rows.into_iter().map(|row| row.event_id).collect())
}

/// Adds entries to the end; `already_exists` when somebody was faster.
pub(crate) async fn insert(tx: &Tx, linked: &[Linked]) -> Result<()> {
    tx.insert_all(linked.iter().map(|one| row(tx, one)).collect::<Result<Vec<_>>>()?).await?;
    let mut objects = Vec::new();
    for one in linked {
        let seq = signed(one.entry.seq)?;
        let distinct: HashSet<&String> = one.entry.objects.iter().collect();
        objects.extend(distinct.into_iter().map(|object| audit_object::ActiveModel {
            tenant_id: Set(tx.tenant().uuid()),
            object: Set(object.clone()),
            seq: Set(seq),
        }));
    }
    tx.insert_all(objects).await
}

fn row(tx: &Tx, linked: &Linked) -> Result<ActiveModel> {
    let entry = &linked.entry;
    Ok(ActiveModel {
        tenant_id: Set(tx.tenant().uuid()),
        seq: Set(signed(entry.seq)?),
        event_id: Set(linked.id),
        at: Set(entry.at.as_ref().and_then(time).unwrap_or_else(|| tx.now())),
        actor: Set(entry.actor.clone()),
        user_id: Set(entry.user.clone()),
        action: Set(entry.action.clone()),
        entry: Set(entry.encode_to_vec()),
        prev: Set(linked.prev.to_vec()),
        hash: Set(linked.hash.to_vec()),
    })
}

/// The latest entries that fit, the newest first.
pub(crate) async fn latest(tx: &Tx, filter: &Filter<'_>, limit: u64) -> Result<Vec<AuditEntry>> {
    let mut wanted = Condition::all();
    if let Some(seq) = filter.before {
        wanted = wanted.add(Column::Seq.lt(signed(seq)?));
    }
    if let Some(actor) = filter.actor {
        wanted = wanted.add(Condition::any().add(Column::Actor.eq(actor)).add(Column::UserId.eq(actor)));
    }
    if let Some(action) = filter.action {
        wanted = wanted.add(Column::Action.eq(action));
    }
    if let Some(object) = filter.object {
        let touching = audit_object::Entity::find()
            .select_only()
            .column(audit_object::Column::Seq)
            .filter(audit_object::Column::TenantId.eq(tx.tenant().uuid()))
            .filter(audit_object::Column::Object.eq(object));
        wanted = wanted.add(Column::Seq.in_subquery(touching.into_query()));
    }
    if let Some(from) = filter.from {
        wanted = wanted.add(Column::At.gte(from));
    }
    if let Some(to) = filter.to {
        wanted = wanted.add(Column::At.lt(to));
    }
    let rows = tx.all(Entity::find().filter(wanted).order_by_desc(Column::Seq).limit(limit)).await?;
    rows.into_iter().map(shown).collect()
}

/// Entries in their order.
pub(crate) async fn after(tx: &Tx, seq: u64, limit: u64) -> Result<Vec<AuditEntry>> {
    let select = Entity::find().filter(Column::Seq.gt(signed(seq)?)).order_by_asc(Column::Seq).limit(limit);
    tx.all(select).await?.into_iter().map(shown).collect()
}

#[derive(FromQueryResult)]
struct Hashed {
    seq: i64,
    hash: Vec<u8>,
}

/// The hashes of entries, in their order.
pub(crate) async fn hashes(tx: &Tx, after: u64, limit: u64) -> Result<Vec<(u64, Hash)>> {
    let sql = "SELECT seq, hash FROM audit_entry WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    let rows: Vec<Hashed> = tx.query(sql, vec![signed(after)?.into(), signed(limit)?.into()]).await?;
    rows.into_iter().map(|row| Ok((unsigned(row.seq)?, hash(&row.hash)?))).collect()
}

#[derive(FromQueryResult)]
struct Sized {
    tenant_id: Uuid,
    size: i64,
}

/// How long each tenant's chain is.
pub(crate) async fn sizes(store: &Store) -> Result<Vec<(TenantId, u64)>> {
    // Each chain has one first entry, and an index over those alone.
    let sql = "SELECT tenant_id, (SELECT MAX(seq) FROM audit_entry AS all_of WHERE all_of.tenant_id = audit_entry.tenant_id) AS size \
               FROM audit_entry WHERE seq = 1";
    let rows: Vec<Sized> = store.system(Purpose::FindChanged).await?.query(sql, Vec::new()).await?;
    rows.into_iter().map(|row| Ok((id::from_uuid(row.tenant_id), unsigned(row.size)?))).collect()
}

/// The id of the event that brought an entry.
pub(crate) fn uuid(entry: &AuditEntry) -> Result<Uuid> {
    id::parse::<id::Event>("id", &entry.id).map(|id| id.uuid()).map_err(Error::internal)
}

fn shown(row: Model) -> Result<AuditEntry> {
    let entry = AuditEntry::decode(row.entry.as_slice()).map_err(Error::internal)?;
    Ok(AuditEntry { prev: hex::encode(row.prev), hash: hex::encode(row.hash), ..entry })
}

fn hash(bytes: &[u8]) -> Result<Hash> {
    bytes.try_into().map_err(Error::internal)
}

fn signed(number: u64) -> Result<i64> {
    i64::try_from(number).map_err(Error::internal)
}

fn unsigned(number: i64) -> Result<u64> {
    u64::try_from(number).map_err(Error::internal)
}
