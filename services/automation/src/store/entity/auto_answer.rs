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
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
