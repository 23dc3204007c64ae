//! A figure of one slot, channel and agent.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A figure of one slot, channel and agent.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rollup")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The computation it belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub generation: i64,
    /// When the slot begins, in seconds since 1970.
    #[sea_orm(primary_key, auto_increment = false)]
    pub slot: i64,
    /// The channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    /// The agent; nil is nobody.
    #[sea_orm(primary_key, auto_increment = false)]
    pub agent_id: Uuid,
    /// What is counted.
    #[sea_orm(primary_key, auto_increment = false)]
    pub figure: String,
    /// For times, their bucket; otherwise 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bucket: i64,
    /// How much.
    pub value: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
