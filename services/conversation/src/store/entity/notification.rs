//! What somebody of ours is to know of.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// What somebody of ours is to know of.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notification")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Whose.
    pub user_id: Uuid,
    /// Why.
    pub kind: String,
    /// The conversation.
    pub conversation_id: Uuid,
    /// The message it is about.
    pub message_id: Option<Uuid>,
    /// That message's place.
    pub seq: Option<i64>,
    /// What kind of author did it.
    pub actor_kind: String,
    /// The user or contact who did.
    pub actor_id: Option<Uuid>,
    /// Their name then.
    pub actor_name: String,
    /// How many it stands for.
    pub count: i32,
    /// Some words of it.
    #[sea_orm(column_type = "Text")]
    pub excerpt: String,
    /// When it first came.
    pub created_at: ChronoDateTimeUtc,
    /// When it last counted more; lists are sorted by it.
    pub updated_at: ChronoDateTimeUtc,
    /// Since when it is read.
    pub read_at: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
