//! Several steps in one.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// Several steps in one.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_macro")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who made it.
    pub owner: Uuid,
    /// Who sees it: its owner, or, as nil, everybody.
    pub seen_by: Uuid,
    /// What people read.
    pub name: String,
    /// The same as it is sorted by.
    pub name_key: String,
    /// What it is for.
    pub description: String,
    /// What is written to the contact.
    #[sea_orm(column_type = "JsonBinary")]
    pub reply: Option<crate::store::macros::Words>,
    /// What is written among us.
    #[sea_orm(column_type = "JsonBinary")]
    pub note: Option<crate::store::macros::Words>,
    /// What changes after that.
    #[sea_orm(column_type = "JsonBinary")]
    pub change: Option<crate::store::bulk_actions::Asked>,
    /// When it was saved.
    pub created_at: ChronoDateTimeUtc,
    /// When it last changed.
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
