//! Somebody who can be given conversations.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// Somebody who can be given conversations.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "agent")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// The role; empty as long as nobody has told us of the user.
    pub role: String,
    /// Whether the user may not sign in any more.
    pub disabled: bool,
    /// When the directory last spoke of the user; what is older changes nothing.
    pub told_at: Option<ChronoDateTimeUtc>,
    /// The availability.
    pub status: String,
    /// How many conversations they are given at most; none: what is usual.
    pub capacity: Option<i32>,
    /// Why, or until when.
    pub note: String,
    /// How many unresolved conversations they have, those that are decided but not yet carried out among them.
    pub open: i32,
    /// When they were last assigned a conversation.
    pub last_assigned_at: Option<ChronoDateTimeUtc>,
    /// When status, capacity or note last changed.
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
