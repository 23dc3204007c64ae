use sea_orm_migration::{
    prelude::{
        DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, TableCreateStatement, async_trait,
    },
    schema::{big_integer, boolean, string, timestamp_with_time_zone, uuid},
    sea_orm::ConnectionTrait,
};
use weft_store::migration::secure_table;

/// Uploads that come piece by piece.
pub(super) struct Uploads;

impl MigrationName for Uploads {
    fn name(&self) -> &'static str {
        "m0006_uploads"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Uploads {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [upload(), piece()] {
            manager.create_table(table).await?;
        }
        let connection = manager.get_connection();
        for index in [
            "INDEX ix_upload_expires ON upload (expires_at)",
            "UNIQUE INDEX uq_upload_piece_location ON upload_piece (tenant_id, location)",
        ] {
            connection.execute_unprepared(&format!("CREATE {index}")).await?;
        }
        for table in ["upload", "upload_piece"] {
            secure_table(manager, table).await?;
        }
        Ok(())
    }
}

fn upload() -> TableCreateStatement {
    Table::create()
        .table("upload")
        .col(uuid("tenant_id"))
        .col(uuid("id"))
        .col(string("name"))
        .col(string("declared_mime"))
        .col(big_integer("length"))
        .col(big_integer("received"))
        .col(boolean("finished"))
        .col(string("created_by"))
        .col(timestamp_with_time_zone("expires_at"))
        .primary_key(Index::create().col("tenant_id").col("id"))
        .to_owned()
}

fn piece() -> TableCreateStatement {
    Table::create()
        .table("upload_piece")
        .col(uuid("tenant_id"))
        .col(uuid("upload_id"))
        .col(big_integer("at"))
        .col(big_integer("size"))
        .col(uuid("location"))
        .primary_key(Index::create().col("tenant_id").col("upload_id").col("at"))
        .to_owned()
}
