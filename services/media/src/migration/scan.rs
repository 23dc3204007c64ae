use sea_orm_migration::{
    prelude::{DbErr, MigrationName, MigrationTrait, SchemaManager, async_trait},
    sea_orm::ConnectionTrait,
};

/// Whether bytes may be downloaded. Those there are may.
pub(super) struct Scan;

impl MigrationName for Scan {
    fn name(&self) -> &'static str {
        "m0005_scan"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Scan {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        for column in ["state varchar(16) NOT NULL DEFAULT 'available'", "found varchar NULL"] {
            connection.execute_unprepared(&format!("ALTER TABLE blob ADD COLUMN {column}")).await?;
        }
        Ok(())
    }
}
