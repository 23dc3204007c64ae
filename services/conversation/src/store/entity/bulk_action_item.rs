//! One conversation of a bulk action.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// One conversation of a bulk action.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_action_item")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The action.
    #[sea_orm(primary_key, auto_increment = false)]
    pub action_id: Uuid,
    /// Its place.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// The conversation.
    pub conversation_id: Uuid,
    /// waiting, done or failed.
    pub state: String,
    /// Why it could not be changed.
    pub reason: String,
    /// The same in plain words.
    pub message: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
