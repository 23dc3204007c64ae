//! Events that have been applied.

use std::collections::{BTreeSet, HashSet};

use sea_orm::{ActiveValue::Set, sea_query::OnConflict};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::inbox;

/// Marks events as applied, and gives back those that had not been.
pub(crate) async fn mark(
    tx: &Tx,
    keys: impl Iterator<Item = (Uuid, String)>,
) -> Result<HashSet<(Uuid, String)>> {
    let now = tx.now();
    // In one order, so that two replicas never wait for each other in a circle.
    let unique: BTreeSet<(Uuid, String)> = keys.collect();
    let rows = unique
        .into_iter()
        .map(|(channel_id, event_key)| inbox::ActiveModel {
            tenant_id: Set(tx.tenant().uuid()),
            channel_id: Set(channel_id),
            event_key: Set(event_key),
            seen_at: Set(now),
        })
        .collect();
    let conflict = [inbox::Column::TenantId, inbox::Column::ChannelId, inbox::Column::EventKey];
    let fresh = tx.insert_new(rows, OnConflict::columns(conflict).do_nothing().to_owned()).await?;
    Ok(fresh.into_iter().map(|row| (row.channel_id, row.event_key)).collect())
}
