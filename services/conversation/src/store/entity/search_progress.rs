//! How far what was there before the search has been made findable. Of the installation.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// How far one kind of things has been made findable, from the last tenant's newest on.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "search_progress")]
pub struct Model {
    /// The installation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// Messages or contacts.
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: String,
    /// Whose was the last one.
    pub last_tenant: Uuid,
    /// The last one.
    pub last_id: Uuid,
    /// Nothing is left.
    pub done: bool,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
