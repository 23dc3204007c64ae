//! What adapters announced of themselves, of the installation.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// What an adapter announced of itself.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_kind")]
pub struct Model {
    /// The installation's own.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The kind.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// What it can do, as announced.
    pub capabilities: String,
    /// When it said so.
    pub announced_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
