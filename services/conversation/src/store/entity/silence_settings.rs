//! What becomes of a tenant's conversations in which nobody writes any more.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// What becomes of a tenant's conversations in which nobody writes any more.
#[sea_orm::model]
#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "silence_settings")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// When the contact is reminded; 0: never.
    pub remind_after_hours: i32,
    /// What they are told then.
    pub reminder: String,
    /// When it is resolved; 0: never.
    pub resolve_after_hours: i32,
    /// When it is archived; 0: never.
    pub archive_after_hours: i32,
    /// Whoever was silent until then was reminded, or cannot be.
    pub reminded_until: Option<ChronoDateTimeUtc>,
    /// When somebody looks for silent ones next.
    pub look_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
