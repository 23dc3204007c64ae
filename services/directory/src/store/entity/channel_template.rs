//! Templates of channels, as their providers last listed them.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_template")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub channel_id: Uuid,
    pub name: String,
    pub language: String,
    pub status: String,
    pub template: String,
    pub asked_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
