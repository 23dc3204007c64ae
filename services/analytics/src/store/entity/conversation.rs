//! What the figures need to know of a conversation.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// What the figures need to know of a conversation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The computation it belongs to.
    #[sea_orm(primary_key, auto_increment = false)]
    pub generation: i64,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The channel; nil while only messages were seen.
    pub channel_id: Uuid,
    /// Where it stands; none while only messages were seen.
    pub status: Option<String>,
    /// The user it is assigned to.
    pub assignee: Option<Uuid>,
    /// Since when the contact waits.
    pub waiting_since: Option<ChronoDateTimeUtc>,
    /// The version: its last `seq`,
    pub last_seq: i64,
    /// when it changed,
    pub changed_at: ChronoDateTimeUtc,
    /// and the event that said so.
    pub change_id: String,
    /// When it began, or began again.
    pub opened_at: Option<ChronoDateTimeUtc>,
    /// The first message of the contact,
    pub first_in_seq: Option<i64>,
    /// and when it was written.
    pub first_in_at: Option<ChronoDateTimeUtc>,
    /// When a person first answered it.
    pub answered_at: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
