//! What is needed to answer in a thread.
use sea_orm::entity::prelude::*;
use weft_store::TenantEntity;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mail_thread")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub channel_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub subject: String,
    /// The address of whom we write to.
    pub contact: String,
    pub contact_name: String,
    /// Who else reads along, as JSON.
    pub others: String,
    /// The id of the newest mail.
    pub last_id: String,
    /// The ids before it, the oldest first.
    pub chain: String,
    /// A program wrote the newest mail.
    pub automatic: bool,
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
