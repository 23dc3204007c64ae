//! One contact that became part of another.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// One contact that became part of another.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_merge")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The contact that stayed.
    pub contact_id: Uuid,
    /// The contact that became part of it.
    pub other_id: Uuid,
    /// Who did it.
    pub user_id: Uuid,
    /// What it takes to undo it.
    pub moved: super::super::merges::Moved,
    /// When it was done.
    pub created_at: ChronoDateTimeUtc,
    /// When it was undone.
    pub undone_at: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
