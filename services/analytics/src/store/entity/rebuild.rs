//! The last rebuild.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// The last rebuild.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rebuild")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// Which it is.
    pub id: Uuid,
    /// `running`, `done` or `failed`.
    pub state: String,
    /// The computation it makes.
    pub generation: i64,
    /// Whether it may begin although older events are gone.
    pub partial: bool,
    /// The first event it reads.
    pub from_cursor: i64,
    /// The last event it has read.
    pub cursor: i64,
    /// The event it has to reach.
    pub to_cursor: i64,
    /// How many events of the tenant it has applied.
    pub events: i64,
    /// The first slot that comes from events alone; none: all do, or nothing was taken over yet.
    pub since: Option<i64>,
    /// Who works at it,
    pub owner: Uuid,
    /// and until when that is sure.
    pub lease_until: ChronoDateTimeUtc,
    /// When it was asked for.
    pub started_at: ChronoDateTimeUtc,
    /// When it ended.
    pub ended_at: Option<ChronoDateTimeUtc>,
    /// Why it failed.
    pub reason: Option<String>,
    /// Whether what it replaced is gone.
    pub tidied: bool,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
