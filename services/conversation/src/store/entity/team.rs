//! What the directory says of a team.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// What the directory says of a team.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "team")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// Whether it is there no longer.
    pub removed: bool,
    /// Whether nothing is with it any more since it went.
    pub cleared: bool,
    /// What was said of it before that is old.
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
