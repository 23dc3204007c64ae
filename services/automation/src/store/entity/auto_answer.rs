//! That an automatic reply was decided on in a conversation, and when last.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// That an automatic reply was decided on in a conversation, and when last.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "auto_answer")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: Uuid,
    /// The reply.
    #[sea_orm(primary_key, auto_increment = false)]
    pub reply_id: Uuid,
    /// The decision's id, under which `conversation` is told of it.
    pub id: Uuid,
    /// The `seq` of the message it answers.
    pub seq: i64,
    /// When it was decided.
    pub decided_at: ChronoDateTimeUtc,
    /// When it is told, or tried again; none: it was.
    pub due_at: Option<ChronoDateTimeUtc>,
    /// How often that was tried.
    pub attempts: i32,
    /// When it was said; none: it is still to be, or was refused.
    pub said_at: Option<ChronoDateTimeUtc>,
    /// When it was refused for what does not change with the next message.
    pub refused_at: Option<ChronoDateTimeUtc>,
    /// The `seq` of the newest message that was written while it was still to be said.
    pub newer_seq: Option<i64>,
    /// When that was noted.
    pub newer_at: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The `seq` of the newest message that was decided on.
    pub(crate) fn newest_seq(&self) -> i64 {
        self.newer_seq.unwrap_or(self.seq)
    }
}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
