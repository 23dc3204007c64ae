//! A person or group outside.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A person or group outside.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What we call them.
    pub name: String,
    /// Whether it is a group rather than a person.
    pub is_group: bool,
    /// The e-mail address, if known.
    pub email: Option<String>,
    /// The telephone number, if known.
    pub phone: Option<String>,
    /// The language, as a BCP 47 tag.
    pub language: Option<String>,
    /// The contact this one became part of.
    pub merged_into: Option<Uuid>,
    /// The values of their custom fields.
    #[sea_orm(column_type = "JsonBinary")]
    pub fields: crate::store::custom_fields::Values,
    /// Their tags, in the order of the alphabet; `contact_tag` has them, too.
    #[sea_orm(column_type = "JsonBinary")]
    pub tags: crate::store::tags::Words,
    /// Since when nothing goes to them.
    pub blocked_at: Option<ChronoDateTimeUtc>,
    /// When we met.
    pub created_at: ChronoDateTimeUtc,
    /// When it last changed.
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
