//! A filter of conversations with a name.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A filter of conversations with a name.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_view")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who made it.
    pub owner: Uuid,
    /// Whether others than who made it see it: everybody, or those of its team.
    pub shared: bool,
    /// The team whose it is.
    pub team: Option<Uuid>,
    /// What people read.
    pub name: String,
    /// What is in it.
    #[sea_orm(column_type = "JsonBinary")]
    pub filter: crate::store::views::Saved,
    /// Where it stands among the others.
    pub position: i32,
    /// Whether what is in it can be counted at all.
    pub counted: bool,
    /// What its members are kept under.
    pub set_id: Uuid,
    /// Its members are known for the conversations up to this one.
    pub built_to: Uuid,
    /// Its members are known for all conversations.
    pub built: bool,
    /// When it was saved.
    pub created_at: ChronoDateTimeUtc,
    /// When it last changed.
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
