//! Whom a number or mail address may belong to.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// Whom a number or mail address may belong to.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_address")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// In the one shape they are compared in.
    #[sea_orm(primary_key, auto_increment = false)]
    pub address: String,
    /// The contact.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: Uuid,
    /// Whether a provider vouches for it; otherwise somebody typed it.
    pub verified: bool,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
