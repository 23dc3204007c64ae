//! How far somebody of ours has read a conversation.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// How far somebody of ours has read a conversation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_reader")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: Uuid,
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// All up to this place.
    pub seq: i64,
    /// Since when.
    pub at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
