//! A tag of a contact.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A tag of a contact.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_tag")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The tag.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tag: String,
    /// The contact.
    #[sea_orm(primary_key, auto_increment = false)]
    pub contact_id: Uuid,
    /// When we met the contact: lists are sorted by it.
    pub created_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
