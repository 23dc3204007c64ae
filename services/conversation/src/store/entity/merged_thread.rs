//! A thread that leads to a conversation, though that may be answered elsewhere or be part of another one.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A thread that leads to a conversation, though that may be answered elsewhere or be part of another one.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "merged_thread")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    /// The thread's id at the provider.
    #[sea_orm(primary_key, auto_increment = false)]
    pub thread_id: String,
    /// The conversation that was answered there.
    pub conversation_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
