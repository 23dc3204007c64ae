//! What the directory says of a user, for showing and assigning.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// What the directory says of a user, for showing and assigning.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// Whether the user may not sign in any more.
    pub disabled: bool,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
