//! When somebody is there.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// When somebody is there.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "business_hours")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// The time zone's name in the IANA database.
    pub time_zone: String,
    /// Which days and hours.
    #[sea_orm(column_type = "JsonBinary")]
    pub calendar: crate::hours::Calendar,
    /// When it was made.
    pub created_at: ChronoDateTimeUtc,
    /// When it was last changed.
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
