use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "blob")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sha256: String,
    pub location: Uuid,
    pub size: i64,
    pub refs: i64,
    pub created_at: ChronoDateTimeUtc,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub attempts: i32,
    pub due_at: Option<ChronoDateTimeUtc>,
    pub state: String,
    pub found: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl weft_store::TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
