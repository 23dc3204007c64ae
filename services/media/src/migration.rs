use sea_orm_migration::{
    prelude::*,
    schema::{big_integer, string, string_len, string_null, timestamp_with_time_zone, uuid},
};
use weft_store::migration::{base, secure_table};

mod previews;
mod scan;
mod shared_blobs;
mod uploads;

/// The tables of this service.
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let mut all = base();
        all.push(Box::new(CreateFile));
        all.push(Box::new(shared_blobs::SharedBlobs));
        all.push(Box::new(previews::Previews));
        all.push(Box::new(scan::Scan));
        all.push(Box::new(uploads::Uploads));
        all
    }
}

struct CreateFile;

impl MigrationName for CreateFile {
    fn name(&self) -> &'static str {
        "m0002_file"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateFile {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table("file")
            .col(uuid("tenant_id"))
            .col(uuid("id"))
            .col(string("name"))
            .col(string("mime"))
            .col(big_integer("size"))
            .col(string_len("sha256", 64))
            .col(string_null("key"))
            .col(string("created_by"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("tenant_id").col("id"))
            .to_owned();
        manager.create_table(table).await?;
        let once =
            Index::create().name("uq_file_key").table("file").col("tenant_id").col("key").unique().to_owned();
        manager.create_index(once).await?;
        secure_table(manager, "file").await
    }
}
