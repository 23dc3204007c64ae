//! What a message or contact is found by. Its tokens are in a column, or in a table, of the database's own kind.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// What a message or contact is found by.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "search_entry")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The message or contact.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When it was written, or met.
    pub at: ChronoDateTimeUtc,
    /// Tells whether anything of it changed.
    pub digest: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
