//! What channels and their providers said to each other: lines of the last days.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_log")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub channel_id: Uuid,
    pub at: ChronoDateTimeUtc,
    pub direction: String,
    pub operation: String,
    pub outcome: String,
    pub code: String,
    pub detail: String,
    pub duration_ms: i64,
    pub bytes: i64,
    pub events: i64,
    pub attempt: i32,
    pub times: i64,
    pub message_id: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
