//! What a tenant wants done with voice messages.

use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use weft_domain::Result;
use weft_store::Tx;

pub(crate) use super::entity::voice_settings::Model;
use super::entity::voice_settings::{ActiveModel, Column, Entity};

/// The tenant's settings; `usual` is the language of those who never said.
pub(crate) async fn find(tx: &Tx, usual: &str) -> Result<Model> {
    let found = tx.one(Entity::find()).await?;
    Ok(found.unwrap_or_else(|| Model {
        tenant_id: tx.tenant().uuid(),
        transcribe: false,
        language: usual.to_owned(),
    }))
}

/// Writes them.
pub(crate) async fn put(tx: &Tx, settings: &Model) -> Result<()> {
    let row = ActiveModel {
        tenant_id: Set(settings.tenant_id),
        transcribe: Set(settings.transcribe),
        language: Set(settings.language.clone()),
    };
    let conflict = OnConflict::column(Column::TenantId)
        .update_columns([Column::Transcribe, Column::Language])
        .to_owned();
    tx.insert_new(vec![row], conflict).await.map(drop)
}
