//! What the directory says of a channel, for showing.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// What the directory says of a channel, for showing.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "channel")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Whether it was deleted: then it is only a name.
    pub deleted: bool,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
