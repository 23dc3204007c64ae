use sea_orm_migration::prelude::{DbErr, SchemaManager, async_trait};
use weft_store::migration::{MigrationName, MigrationTrait, MigratorTrait, base};

mod channel_health;
mod channels;
mod people;
mod sessions;
mod teams;
mod templates;
mod tokens;

/// The tables of this service.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = base();
        all.push(Box::new(First));
        all.push(Box::new(ChannelHealth));
        all.push(Box::new(templates::ChannelTemplates));
        all.push(Box::new(teams::Teams));
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

struct ChannelHealth;

impl MigrationName for ChannelHealth {
    fn name(&self) -> &'static str {
        "m0003_channel_health"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for ChannelHealth {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        channel_health::create(manager).await
    }
}
