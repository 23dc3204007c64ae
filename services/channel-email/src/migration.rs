use sea_orm_migration::{
    prelude::{DbErr, Index, SchemaManager, Table, async_trait},
    schema::{big_integer, boolean, string, text, timestamp_with_time_zone},
    sea_orm::ConnectionTrait,
};
use weft_store::migration::{MigrationName, MigrationTrait, MigratorTrait, base, secure_table};

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
        "m0002_mail"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for First {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let folder = of_channel("mail_folder", "name")
            .col(big_integer("uid_validity"))
            .col(big_integer("last_uid"))
            .col(timestamp_with_time_zone("begun_at"))
            .col(timestamp_with_time_zone("read_at"))
            .to_owned();
        let thread = of_channel("mail_thread", "id")
            .col(text("subject"))
            .col(text("contact"))
            .col(text("contact_name"))
            .col(text("others"))
            .col(text("last_id"))
            .col(text("chain"))
            .col(boolean("automatic"))
            .col(timestamp_with_time_zone("updated_at"))
            .to_owned();
        let seen = of_channel("mail_seen", "id")
            .col(string("thread_id"))
            .col(string("kind"))
            .col(string("digest"))
            .col(boolean("automatic"))
            .col(timestamp_with_time_zone("at"))
            .to_owned();
        for (name, table) in [("mail_folder", folder), ("mail_thread", thread), ("mail_seen", seen)] {
            manager.create_table(table).await?;
            secure_table(manager, name).await?;
        }
        let threads = "CREATE INDEX ix_mail_seen_thread ON mail_seen (tenant_id, channel_id, thread_id, at)";
        manager.get_connection().execute_unprepared(threads).await.map(drop)
    }
}

fn of_channel(table: &'static str, key: &'static str) -> sea_orm_migration::prelude::TableCreateStatement {
    use sea_orm_migration::schema::uuid;
    Table::create()
        .table(table)
        .col(uuid("tenant_id"))
        .col(uuid("channel_id"))
        .col(string(key))
        .primary_key(Index::create().col("tenant_id").col("channel_id").col(key))
        .to_owned()
}
