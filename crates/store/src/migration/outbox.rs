//! Events that wait to be handed on, or were within the last days.
use sea_orm::entity::prelude::*;

use crate::TenantEntity;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub tenant_id: Uuid,
    pub event_id: Uuid,
    pub topic: String,
    pub subject: String,
    pub kind: String,
    pub source: String,
    pub key: String,
    pub traceparent: Option<String>,
    pub body: Vec<u8>,
    pub created_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
