//! What events say of a conversation, and what was decided about it.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// What events say of a conversation, and what was decided about it.
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
    /// Where it stands.
    pub status: String,
    /// Who has it.
    pub assignee: Option<Uuid>,
    /// Since when its contact waits: the order in which conversations are given out.
    pub since: ChronoDateTimeUtc,
    /// With `changed_at`, how new what we know is: the `seq` of its last message.
    pub last_seq: i64,
    /// When it last changed.
    pub changed_at: ChronoDateTimeUtc,
    /// A person took it from somebody and gave it to nobody.
    pub held: bool,
    /// Whether it waits for somebody to be free.
    pub waiting: bool,
    /// Who is to get it: decided, and not yet known to be carried out.
    pub chosen: Option<Uuid>,
    /// The decision's id.
    pub decision: Option<Uuid>,
    /// When the decision is carried out, or tried again.
    pub due_at: Option<ChronoDateTimeUtc>,
    /// How often that was tried.
    pub attempts: i32,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
