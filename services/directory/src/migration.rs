use sea_orm_migration::prelude::{DbErr, SchemaManager, async_trait};
use weft_store::migration::{MigrationName, MigrationTrait, MigratorTrait, base};

mod channels;
mod people;
mod sessions;
mod tokens;

/// The tables of this service.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = base();
        all.push(Box::new(First));
        all
    }
}

struct First;

impl MigrationName for First {
    fn name(&self) -> &'static str {
        "m0002_directory"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for First {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        people::create(manager).await?;
        sessions::create(manager).await?;
        tokens::create(manager).await?;
        channels::create(manager).await
    }
}
