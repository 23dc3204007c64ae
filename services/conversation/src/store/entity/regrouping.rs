//! Conversations that became one, or one that became two.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// Conversations that became one, or one that became two.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "regrouping")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// merge or split.
    pub kind: String,
    /// The conversation that stayed.
    pub conversation_id: Uuid,
    /// The one that became part of it, or was split off.
    pub other_id: Uuid,
    /// Who did it.
    pub user_id: Uuid,
    /// How many messages changed their conversation; `regrouped_message` says which.
    pub message_count: i32,
    /// What else it takes to undo it.
    pub before: crate::store::regroupings::Before,
    /// When it was done.
    pub created_at: ChronoDateTimeUtc,
    /// When it was undone.
    pub undone_at: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
