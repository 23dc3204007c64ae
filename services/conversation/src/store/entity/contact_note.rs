//! What our side knows of a contact.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

/// What our side knows of a contact.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contact_note")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The contact; after a merge the one that stayed.
    pub contact_id: Uuid,
    /// Who wrote it.
    pub user_id: Uuid,
    /// A person or a program.
    pub author_kind: String,
    /// What they were called.
    pub author_name: String,
    /// Its words.
    pub text: String,
    /// When it was written.
    pub created_at: ChronoDateTimeUtc,
    /// When it was last changed.
    pub edited_at: Option<ChronoDateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
