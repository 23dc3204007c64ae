//! How a tenant's conversations are assigned. Its row is also the tenant's turn: decisions are made one after the other.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// How a tenant's conversations are assigned.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assignment_settings")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// Whether new conversations are assigned by themselves.
    pub enabled: bool,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
