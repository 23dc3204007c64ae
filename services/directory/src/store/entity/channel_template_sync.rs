//! When channels' templates were last asked for, and what came of it.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_template_sync")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    pub asked_at: ChronoDateTimeUtc,
    pub synced_at: Option<ChronoDateTimeUtc>,
    pub fault: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
