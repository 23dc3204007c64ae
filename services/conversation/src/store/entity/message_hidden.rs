//! Messages that somebody of ours put out of their own sight.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A message that somebody of ours put out of their own sight.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message_hidden")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// Whose sight.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// The message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
