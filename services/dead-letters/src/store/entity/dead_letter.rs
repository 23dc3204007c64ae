//! The letters. `name` is the death's on the bus, each taken once.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "dead_letter")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub state: String,
    pub source: String,
    pub stream: Option<String>,
    pub subject: String,
    pub event_id: String,
    pub event_type: String,
    pub event_source: String,
    /// As the event had it, which may be none of ours.
    pub event_tenant: Option<String>,
    pub traceparent: Option<String>,
    pub tracestate: Option<String>,
    pub reason: String,
    pub words: String,
    pub attempts: i64,
    pub first_at: ChronoDateTimeUtc,
    pub last_at: ChronoDateTimeUtc,
    pub body_bytes: i64,
    pub ended_at: Option<ChronoDateTimeUtc>,
    pub ended_by: Option<String>,
    pub why: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
