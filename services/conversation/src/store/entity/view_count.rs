//! How many conversations are in a view.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// How many conversations are in a view.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "view_count")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The set of the view.
    #[sea_orm(primary_key, auto_increment = false)]
    pub set_id: Uuid,
    /// For whom; nil: for everybody.
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: Uuid,
    /// How many.
    pub members: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
