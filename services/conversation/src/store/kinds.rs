//! What adapters said they can do.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use tokio::sync::Mutex;
use weft_domain::Result;
use weft_proto::{directory::v1::Capabilities, json};
use weft_store::{Store, Tx, installation};

use super::entity::channel_kind::{ActiveModel, Column, Entity};

/// How long what was read is good: an adapter says something else only when it was updated.
const FRESH: Duration = Duration::from_secs(2);

/// Kinds of channels and what they can do, by name.
pub(crate) type Kinds = HashMap<String, Capabilities>;

/// What adapters said they can do, kept at hand.
pub(crate) struct KindTable {
    store: Store,
    at_hand: Mutex<Option<(Instant, Arc<Kinds>)>>,
}

impl KindTable {
    /// Over the service's own database.
    pub(crate) fn new(store: Store) -> Self {
        Self { store, at_hand: Mutex::new(None) }
    }

    /// What kinds can do whose adapters have said so.
    pub(crate) async fn all(&self) -> Result<Arc<Kinds>> {
        let mut at_hand = self.at_hand.lock().await;
        if let Some((read, kinds)) = at_hand.as_ref()
            && read.elapsed() < FRESH
        {
            return Ok(kinds.clone());
        }
        let kinds = Arc::new(all(&self.store).await?);
        *at_hand = Some((Instant::now(), kinds.clone()));
        Ok(kinds)
    }
}

async fn all(store: &Store) -> Result<Kinds> {
    let rows = store.tenant(installation()).read(|tx| async move { tx.all(Entity::find()).await }).await?;
    let kind =
        |row: super::entity::channel_kind::Model| Ok((row.kind, json::decode(row.capabilities.as_bytes())?));
    rows.into_iter().map(kind).collect()
}

/// Keeps what an adapter said, unless something later is known.
pub(crate) async fn put(tx: &Tx, kind: &str, capabilities: &Capabilities, at: DateTime<Utc>) -> Result<()> {
    let row = ActiveModel {
        tenant_id: Set(installation().uuid()),
        kind: Set(kind.to_owned()),
        capabilities: Set(String::from_utf8_lossy(&json::encode(capabilities)?).into_owned()),
        announced_at: Set(at),
    };
    let known = OnConflict::columns([Column::TenantId, Column::Kind]).do_nothing().to_owned();
    if !tx.insert_new(vec![row.clone()], known).await?.is_empty() {
        return Ok(());
    }
    let update =
        Entity::update_many().set(row).filter(Column::Kind.eq(kind)).filter(Column::AnnouncedAt.lt(at));
    tx.update(update).await.map(drop)
}
