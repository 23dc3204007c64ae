use sea_orm_migration::{
    prelude::{
        DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, TableCreateStatement, async_trait,
    },
    schema::{big_integer, integer, string, string_len, uuid},
    sea_orm::{ConnectionTrait, DbBackend},
};
use weft_store::migration::secure_table;

/// What is still to be done with bytes, how large a picture they are, and smaller pictures of them.
pub(super) struct Previews;

impl MigrationName for Previews {
    fn name(&self) -> &'static str {
        "m0004_previews"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Previews {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        let time = if is_postgres { "timestamp with time zone" } else { "timestamp_with_timezone_text" };
        for column in [
            "width integer NULL",
            "height integer NULL",
            "attempts integer NOT NULL DEFAULT 0",
            &format!("due_at {time} NULL"),
        ] {
            connection.execute_unprepared(&format!("ALTER TABLE blob ADD COLUMN {column}")).await?;
        }
        manager.create_table(variant()).await?;
        for index in [
            "INDEX ix_blob_due ON blob (due_at) WHERE due_at IS NOT NULL",
            "UNIQUE INDEX uq_variant_location ON variant (tenant_id, location)",
        ] {
            connection.execute_unprepared(&format!("CREATE {index}")).await?;
        }
        secure_table(manager, "variant").await
    }
}

fn variant() -> TableCreateStatement {
    Table::create()
        .table("variant")
        .col(uuid("tenant_id"))
        .col(string_len("sha256", 64))
        .col(string("name"))
        .col(uuid("location"))
        .col(string("mime"))
        .col(big_integer("size"))
        .col(integer("width"))
        .col(integer("height"))
        .primary_key(Index::create().col("tenant_id").col("sha256").col("name"))
        .to_owned()
}
