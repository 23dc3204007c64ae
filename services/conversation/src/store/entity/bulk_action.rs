//! One change to many conversations.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// One change to many conversations.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_action")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who began it.
    pub user_id: Uuid,
    /// Whether that was a person or a program of theirs.
    pub author_kind: String,
    /// running, done or canceled.
    pub state: String,
    /// What is to change.
    #[sea_orm(column_type = "JsonBinary")]
    pub change: crate::store::bulk_actions::Asked,
    /// How many conversations.
    pub total: i32,
    /// How many were changed.
    pub done_count: i32,
    /// How many could not be.
    pub failed_count: i32,
    /// When it began.
    pub created_at: ChronoDateTimeUtc,
    /// When it ended.
    pub ended_at: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
