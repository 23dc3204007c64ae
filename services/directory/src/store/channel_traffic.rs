use std::collections::HashMap;

use sea_orm::{EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::channel_traffic::{Column, Entity};

pub(crate) use super::entity::channel_traffic::Model;

/// When something last came in and went out, by channel.
pub(crate) async fn of(tx: &Tx, channels: Vec<Uuid>) -> Result<HashMap<Uuid, Model>> {
    let rows = tx.all(Entity::find().filter(tx.is_any_of(Column::ChannelId, channels))).await?;
    Ok(rows.into_iter().map(|row| (row.channel_id, row)).collect())
}

/// Writes it down.
pub(crate) async fn save(tx: &Tx, rows: Vec<Model>) -> Result<()> {
    tx.save_all(rows.into_iter().map(IntoActiveModel::into_active_model).collect()).await
}

impl Model {
    pub(crate) fn none(tenant_id: Uuid, channel_id: Uuid) -> Self {
        Self { tenant_id, channel_id, last_inbound_at: None, last_outbound_at: None, throttled_until: None }
    }
}
