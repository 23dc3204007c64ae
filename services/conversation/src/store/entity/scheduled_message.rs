//! Messages that go out later.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A message that goes out later.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "scheduled_message")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The conversation.
    pub conversation_id: Uuid,
    /// Who scheduled it.
    pub user_id: Uuid,
    /// agent or bot.
    pub author_kind: String,
    /// Their name then.
    pub author_name: String,
    /// When it goes.
    pub send_at: ChronoDateTimeUtc,
    /// Whether its time is still waited for; otherwise it could not go.
    pub waits: bool,
    /// Why it could not go.
    pub reason: String,
    /// What it says.
    #[sea_orm(column_type = "JsonBinary")]
    pub message: crate::store::drafts::Written,
    /// When it was scheduled.
    pub created_at: ChronoDateTimeUtc,
    /// When it last changed.
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
