//! Events that have been applied: a repeated one is a no-op.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// Events that have been applied: a repeated one is a no-op.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "inbox")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    /// The provider's id of the event.
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_key: String,
    /// When it was applied.
    pub seen_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
