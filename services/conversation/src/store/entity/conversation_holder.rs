//! Somebody's time with a conversation.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// Somebody's time with a conversation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation_holder")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The conversation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub conversation_id: Uuid,
    /// Its place among the conversation's, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// Who; none: nobody.
    pub user_id: Option<Uuid>,
    /// The team it was with.
    pub team_id: Option<Uuid>,
    /// Why it began.
    pub cause: String,
    /// What kind of author gave it to them.
    pub by_kind: String,
    /// The user who did.
    pub by_id: Option<Uuid>,
    /// Their name then.
    pub by_name: String,
    /// The note in which they said why.
    pub note_id: Option<Uuid>,
    /// Since when.
    pub from_at: ChronoDateTimeUtc,
    /// Until when; none: still.
    pub until_at: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
