//! A set of members that no view has any more.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A set of members that no view has any more.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dropped_view_set")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The set.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Since when.
    pub created_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
