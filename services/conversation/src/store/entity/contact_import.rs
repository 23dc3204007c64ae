//! Contacts taken from a file.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// Contacts taken from a file.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_import")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Who began it.
    pub user_id: Uuid,
    /// The file.
    pub file_id: Uuid,
    /// running, done, canceled or failed.
    pub state: String,
    /// Why the file could not be read.
    pub reason: String,
    /// Nothing is written.
    pub dry_run: bool,
    /// Contacts that there are already are left alone.
    pub skips: bool,
    /// What the columns are, as it was said.
    #[sea_orm(column_type = "JsonBinary")]
    pub columns: crate::store::contact_files::Said,
    /// How the file is laid out, as far as it was read, and how often that was tried.
    pub layout: Option<crate::store::contact_files::Reading>,
    /// The file's size in bytes.
    pub size: i64,
    /// Where the next row begins.
    pub position: i64,
    /// The number of the row before it.
    pub row_number: i64,
    /// How many rows were read.
    pub row_count: i64,
    /// How many made a contact.
    pub created_count: i64,
    /// How many were of a contact that there was.
    pub updated_count: i64,
    /// How many could not be taken.
    pub failed_count: i64,
    /// Which worker has it in hand.
    pub worker: Option<Uuid>,
    /// When it goes on, whoever has it in hand.
    pub due_at: ChronoDateTimeUtc,
    /// When it was last told of.
    pub told_at: ChronoDateTimeUtc,
    /// When it began.
    pub created_at: ChronoDateTimeUtc,
    /// When it ended.
    pub ended_at: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
