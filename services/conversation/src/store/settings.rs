//! How the tenant wants contacts' channels joined.

use sea_orm::{ActiveModelTrait, EntityTrait, FromJsonQueryResult, IntoActiveModel, sea_query::OnConflict};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use weft_domain::Result;
use weft_store::Tx;

use super::entity::contact_settings::{Column, Entity, Model};

/// Where messages go that a contact did not get.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct FollowUps(pub(crate) Vec<FollowUp>);

/// From one channel to another, after a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FollowUp {
    /// Where a message was sent.
    pub(crate) from: Uuid,
    /// Where it goes then.
    pub(crate) to: Uuid,
    /// How long it waits to be delivered.
    pub(crate) after_seconds: u32,
}

/// What was set, or how it is without.
pub(crate) async fn get(tx: &Tx) -> Result<Model> {
    Ok(tx.one(Entity::find()).await?.unwrap_or_default())
}

/// Keeps the settings.
pub(crate) async fn put(tx: &Tx, settings: &Model) -> Result<()> {
    let row = Model { tenant_id: tx.tenant().uuid(), ..settings.clone() };
    let known = OnConflict::column(Column::TenantId)
        .update_columns([Column::JoinChannels, Column::Country, Column::FollowUps])
        .to_owned();
    tx.insert_new(vec![row.into_active_model().reset_all()], known).await.map(drop)
}

/// Where messages of a channel go that a contact did not get.
pub(crate) async fn follow_up(tx: &Tx, from: Uuid) -> Result<Option<FollowUp>> {
    let all = get(tx).await?.follow_ups.unwrap_or_default().0;
    Ok(all.into_iter().find(|follow_up| follow_up.from == from))
}
