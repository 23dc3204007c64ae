//! The provider's ids of what was sent for a message of ours: several when it was split.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// The provider's ids of what was sent for a message of ours: several when it was split.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message_part")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    /// The id at the provider.
    #[sea_orm(primary_key, auto_increment = false)]
    pub external_id: String,
    /// The message.
    pub message_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
