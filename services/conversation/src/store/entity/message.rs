//! A message.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// A message.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "message")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The conversation.
    pub conversation_id: Uuid,
    /// Its place in the conversation.
    pub seq: i64,
    /// The channel.
    pub channel_id: Uuid,
    /// Which way it goes.
    pub direction: String,
    /// What kind of author wrote it.
    pub author_kind: String,
    /// The user or contact who wrote it.
    pub author_id: Option<Uuid>,
    /// The author's name then.
    pub author_name: String,
    /// What it is made of.
    pub kind: String,
    /// Its words.
    #[sea_orm(column_type = "Text")]
    pub text: String,
    /// What it carries besides words.
    #[sea_orm(column_type = "JsonBinary")]
    pub content: crate::store::content::Content,
    /// The message it answers.
    pub reply_to: Option<Uuid>,
    /// What its writer called it, unique in the conversation.
    pub client_id: Option<String>,
    /// Its id at the provider.
    pub external_id: Option<String>,
    /// How far it has got.
    pub state: String,
    /// Why it failed, waits or is unclear.
    pub state_reason: Option<String>,
    /// The number of the delivery attempt that counts.
    pub attempt: i32,
    /// Whether the provider tells a repeated call apart.
    pub repeatable: bool,
    /// While queued: not before. While sending: when the lease lapses.
    pub due_at: Option<ChronoDateTimeUtc>,
    /// Later than this it is not worth sending.
    pub expires_at: Option<ChronoDateTimeUtc>,
    /// When its content last changed.
    pub edited_at: Option<ChronoDateTimeUtc>,
    /// When it was deleted at the provider.
    pub deleted_at: Option<ChronoDateTimeUtc>,
    /// When it was written.
    pub created_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
