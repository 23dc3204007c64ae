//! Delivery reports for messages that are not known yet.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// Delivery reports for messages that are not known yet.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "parked_report")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    /// The message's id at the provider.
    #[sea_orm(primary_key, auto_increment = false)]
    pub external_id: String,
    /// What was reported.
    #[sea_orm(primary_key, auto_increment = false)]
    pub state: String,
    /// The provider's reason, in plain words.
    pub reason: String,
    /// Whether it was said of all earlier messages, too.
    pub up_to: bool,
    /// When it came.
    pub created_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
