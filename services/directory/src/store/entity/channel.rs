//! Connected accounts; all secrets of one are one sealed value, and those before them another, for a while.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "channel")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    pub name: String,
    pub settings: String,
    pub secrets: Option<Vec<u8>>,
    pub secrets_set: String,
    pub previous_secrets: Option<Vec<u8>>,
    pub previous_secrets_until: Option<ChronoDateTimeUtc>,
    pub enabled: bool,
    pub health: String,
    pub health_detail: String,
    pub health_checked_at: Option<ChronoDateTimeUtc>,
    pub token_expires_at: Option<ChronoDateTimeUtc>,
    pub version: i64,
    pub created_at: ChronoDateTimeUtc,
    pub updated_at: ChronoDateTimeUtc,
    pub deleted_at: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
