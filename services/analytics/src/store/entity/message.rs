//! A message that has been counted.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A message that has been counted.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The computation it belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub generation: i64,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its conversation.
    pub conversation_id: Uuid,
    /// The slot in which it was written.
    pub slot: i64,
    /// The person of ours who wrote it; nil is nobody.
    pub agent_id: Uuid,
    /// Whether its delivery ever failed.
    pub failed: bool,
    /// Whether its delivery was ever unclear.
    pub unclear: bool,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
