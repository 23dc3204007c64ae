//! A message that changed its conversation.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A message that changed its conversation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "regrouped_message")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The merge or split.
    #[sea_orm(primary_key, auto_increment = false)]
    pub regrouping_id: Uuid,
    /// The message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
