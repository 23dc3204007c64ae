use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "variant")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sha256: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub location: Uuid,
    pub mime: String,
    pub size: i64,
    pub width: i32,
    pub height: i32,
}

impl ActiveModelBehavior for ActiveModel {}

impl weft_store::TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
