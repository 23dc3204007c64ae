//! A contact as one channel knows it.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A contact as one channel knows it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_identity")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The channel.
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    /// The id at the provider.
    #[sea_orm(primary_key, auto_increment = false)]
    pub external_id: String,
    /// The contact.
    pub contact_id: Uuid,
    /// The channel's kind.
    pub channel_kind: String,
    /// The name at the provider, which may change.
    pub username: Option<String>,
    /// The thread there, where its id is not the person's own.
    pub thread_id: Option<String>,
    /// The number or mail address that the provider vouches for, in the one shape they are compared in.
    pub address: Option<String>,
    /// False after the contact blocked us or left.
    pub reachable: bool,
    /// When we met there.
    pub created_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
