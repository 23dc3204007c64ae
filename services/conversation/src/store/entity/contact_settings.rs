//! How a tenant wants contacts' channels joined.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

use crate::store::settings::FollowUps;

/// How a tenant wants contacts' channels joined.
#[sea_orm::model]
#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_settings")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// A contact who writes on another channel continues the conversation that is open.
    pub join_channels: bool,
    /// The country of telephone numbers without a country code.
    pub country: String,
    /// Where messages go that a contact did not get; none was ever set.
    pub follow_ups: Option<FollowUps>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
