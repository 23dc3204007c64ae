//! A tag, and how many conversations have it.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A tag, and how many conversations have it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tag")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The tag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// How many have it.
    pub uses: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
