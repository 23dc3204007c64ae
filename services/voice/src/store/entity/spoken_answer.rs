//! The answer to a contact's voice message that is to be spoken.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// The answer to a contact's voice message that is to be spoken.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "spoken_answer")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The contact's message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its conversation.
    pub conversation_id: Uuid,
    /// Its place there: what comes later may answer it.
    pub seq: i64,
    /// The voice; empty: the usual one.
    pub voice: String,
    /// The language.
    pub language: String,
    /// The format.
    pub format: String,
    /// waiting, spoken or failed.
    pub state: String,
    /// The message that answers it.
    pub answered_by: Option<Uuid>,
    /// The speech.
    pub file_id: Option<Uuid>,
    /// Why it could not be spoken.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: ChronoDateTimeUtc,
    /// When it last changed.
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
