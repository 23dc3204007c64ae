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
    /// A look for those to resolve goes on after what last changed then; none: it begins anew.
    pub resolved_until: Option<ChronoDateTimeUtc>,
    /// Of what changed then, after this one.
    pub resolved_until_id: Option<Uuid>,
    /// A look for those to archive goes on after what last changed then; none: it begins anew.
    pub archived_until: Option<ChronoDateTimeUtc>,
    /// Of what changed then, after this one.
    pub archived_until_id: Option<Uuid>,
    /// When somebody looks for silent ones next.
    pub look_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Where a look for those to resolve goes on.
    pub(crate) fn resolve_place(&self) -> Option<(ChronoDateTimeUtc, Uuid)> {
        self.resolved_until.zip(self.resolved_until_id)
    }

    /// Where a look for those to archive goes on.
    pub(crate) fn archive_place(&self) -> Option<(ChronoDateTimeUtc, Uuid)> {
        self.archived_until.zip(self.archived_until_id)
    }

    /// Whether the same is to become of conversations.
    pub(crate) fn wants_the_same(&self, other: &Self) -> bool {
        self.remind_after_hours == other.remind_after_hours
            && self.resolve_after_hours == other.resolve_after_hours
            && self.archive_after_hours == other.archive_after_hours
            && self.reminder == other.reminder
    }
}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
