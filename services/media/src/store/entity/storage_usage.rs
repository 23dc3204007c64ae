use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "storage_usage")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    pub files: i64,
    pub bytes: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl weft_store::TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
