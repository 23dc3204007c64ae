//! A field that a tenant gives its conversations or contacts.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A field that a tenant gives its conversations or contacts.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "custom_field")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// conversation or contact.
    pub entity: String,
    /// What values are under.
    pub key: String,
    /// What people read.
    pub label: String,
    /// What values are.
    pub kind: String,
    /// What can be chosen.
    #[sea_orm(column_type = "JsonBinary")]
    pub choices: crate::store::tags::Words,
    /// Where it stands among the others.
    pub position: i32,
    /// When it was made.
    pub created_at: ChronoDateTimeUtc,
    /// When it last changed.
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
