//! How the tenant wants contacts' channels joined.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, sea_query::OnConflict};
use weft_domain::Result;
use weft_store::Tx;

use super::entity::contact_settings::{Column, Entity, Model};

/// What was set, or how it is without.
pub(crate) async fn get(tx: &Tx) -> Result<Model> {
    Ok(tx.one(Entity::find()).await?.unwrap_or_default())
}

/// Keeps the settings.
pub(crate) async fn put(tx: &Tx, settings: &Model) -> Result<()> {
    let row = Model { tenant_id: tx.tenant().uuid(), ..settings.clone() };
    let known = OnConflict::column(Column::TenantId)
        .update_columns([Column::JoinChannels, Column::Country])
        .to_owned();
    tx.insert_new(vec![row.into_active_model().reset_all()], known).await.map(drop)
}
