//! Which computation of the figures is shown.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// Which computation of the figures is shown.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "projection")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The computation that is shown and goes on.
    pub generation: i64,
    /// How many batches have been counted.
    pub applied: i64,
    /// Until when events wait, so that a rebuild can catch up.
    pub held_until: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
