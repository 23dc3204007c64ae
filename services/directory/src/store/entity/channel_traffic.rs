//! When something last came in and went out, for longer than the log keeps its lines.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel_traffic")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    pub last_inbound_at: Option<ChronoDateTimeUtc>,
    pub last_outbound_at: Option<ChronoDateTimeUtc>,
    pub throttled_until: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
