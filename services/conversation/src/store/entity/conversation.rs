//! A thread of messages with one contact on one channel.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A thread of messages with one contact on one channel.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The contact.
    pub contact_id: Uuid,
    /// The channel.
    pub channel_id: Uuid,
    /// The channel's kind.
    pub channel_kind: String,
    /// The thread's id at the provider.
    pub thread_id: String,
    /// Where it stands.
    pub status: String,
    /// How urgent it is.
    pub priority: String,
    /// The user it is assigned to.
    pub assignee: Option<Uuid>,
    /// How many messages of the contact nobody of ours has read.
    pub unread_count: i32,
    /// The `seq` handed out last.
    pub last_seq: i64,
    /// Up to where our side has read.
    pub read_seq: i64,
    /// The newest message.
    pub last_message_id: Option<Uuid>,
    /// The message that is on its way out: one at a time.
    pub delivering: Option<Uuid>,
    /// Since when the contact waits for an answer.
    pub waiting_since: Option<ChronoDateTimeUtc>,
    /// When something last happened; lists are sorted by it.
    pub active_at: ChronoDateTimeUtc,
    /// When it began.
    pub created_at: ChronoDateTimeUtc,
    /// When it last changed.
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
