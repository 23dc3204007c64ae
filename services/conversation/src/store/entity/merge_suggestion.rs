//! Two contacts who may be one person.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// Two contacts who may be one person.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "merge_suggestion")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The contact with the smaller id: the one met first.
    pub first_id: Uuid,
    /// The other.
    pub second_id: Uuid,
    /// What somebody decided.
    pub state: String,
    /// When it was seen.
    pub created_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
