//! What contacts are told at once.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// What contacts are told at once.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "auto_reply")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// When it is said.
    pub occasion: String,
    /// What is said, with variables.
    pub text: String,
    /// Where; empty: on all channels.
    #[sea_orm(column_type = "JsonBinary")]
    pub channels: crate::store::auto_replies::Channels,
    /// Its hours.
    pub hours_id: Option<Uuid>,
    /// In one conversation once in so many hours.
    pub again_after_hours: i32,
    /// Whether it is said at all.
    pub enabled: bool,
    /// When it was made.
    pub created_at: ChronoDateTimeUtc,
    /// When it was last changed.
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
