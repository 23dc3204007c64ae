//! What a tenant wants done with voice messages.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// What a tenant wants done with voice messages.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "voice_settings")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// Whether they are written down by themselves.
    pub transcribe: bool,
    /// The language that is taken where none is named.
    pub language: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
