//! Words at hand.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// Words at hand.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "canned_reply")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who made it.
    pub owner: Uuid,
    /// Who sees it: its owner, or, as nil, everybody.
    pub seen_by: Uuid,
    /// What people read.
    pub name: String,
    /// The same as it is sorted and looked for by.
    pub name_key: String,
    /// What it is called up by.
    pub shortcut: String,
    /// What it says, with variables.
    pub text: String,
    /// Its files.
    #[sea_orm(column_type = "JsonBinary")]
    pub attachments: crate::store::canned_replies::Files,
    /// What it is sorted under.
    pub category: String,
    /// When it was saved.
    pub created_at: ChronoDateTimeUtc,
    /// When it last changed.
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
