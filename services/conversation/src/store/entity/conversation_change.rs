//! That a conversation was resolved, opened again or closed.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// That a conversation was resolved, opened again or closed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_change")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The contact; after a merge the one that stayed.
    pub contact_id: Uuid,
    /// The conversation.
    pub conversation_id: Uuid,
    /// resolved, reopened or closed.
    pub change: String,
    /// When.
    pub created_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
