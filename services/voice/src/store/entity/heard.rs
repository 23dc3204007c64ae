//! An attachment that has been listened to.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// An attachment that has been listened to.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "heard")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The file.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// `ok`, or why it could not be heard.
    pub result: String,
    /// When.
    pub heard_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
