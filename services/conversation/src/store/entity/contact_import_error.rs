//! A row of a file that could not be taken.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A row of a file that could not be taken.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_import_error")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The import.
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: Uuid,
    /// Its number in the file.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_number: i64,
    /// The heading of the column at fault.
    pub heading: String,
    /// Why.
    pub reason: String,
    /// The same in plain words.
    pub message: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
