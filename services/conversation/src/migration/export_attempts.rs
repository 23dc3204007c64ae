//! How often contacts were tried to be written into a file.

use sea_orm_migration::{
    prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, Table, async_trait},
    schema::integer,
};

pub(super) struct ExportAttempts;

impl MigrationName for ExportAttempts {
    fn name(&self) -> &'static str {
        "m0016_export_attempts"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ExportAttempts {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let attempts = integer("attempts").default(0).to_owned();
        manager.alter_table(Table::alter().table("contact_export").add_column(attempts).to_owned()).await
    }
}
