//! Contacts written into a file.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// Contacts written into a file.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_export")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who began it.
    pub user_id: Uuid,
    /// running, done or failed.
    pub state: String,
    /// Why it could not be.
    pub reason: String,
    /// Only contacts with this tag.
    pub tag: Option<String>,
    /// How many contacts are in it.
    pub row_count: i64,
    /// The file, once it is done.
    pub file_id: Option<Uuid>,
    /// How often a worker took it up, for its file or, once that is to go, for letting go of it.
    pub attempts: i32,
    /// Which worker has it in hand.
    pub worker: Option<Uuid>,
    /// When it goes on; once it has ended, when its file goes.
    pub due_at: Option<ChronoDateTimeUtc>,
    /// When it began.
    pub created_at: ChronoDateTimeUtc,
    /// When it ended.
    pub ended_at: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
