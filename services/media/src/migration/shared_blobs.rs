use sea_orm_migration::{
    prelude::{
        DbErr, Index, MigrationName, MigrationTrait, SchemaManager, Table, TableCreateStatement, async_trait,
    },
    schema::{big_integer, string, string_len, timestamp_with_time_zone, uuid},
    sea_orm::{ConnectionTrait, DbBackend},
};
use weft_store::migration::secure_table;

/// Files of one tenant with the same content share its bytes. Those there are keep lying where they are.
pub(super) struct SharedBlobs;

impl MigrationName for SharedBlobs {
    fn name(&self) -> &'static str {
        "m0003_shared_blobs"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SharedBlobs {
    #[expect(elided_lifetimes_in_paths, reason = "the trait writes it so")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [blob(), usage(), hold()] {
            manager.create_table(table).await?;
        }
        let connection = manager.get_connection();
        for index in [
            "UNIQUE INDEX uq_blob_location ON blob (tenant_id, location)",
            "INDEX ix_file_sha256 ON file (tenant_id, sha256)",
            "INDEX ix_hold_holder ON hold (tenant_id, holder)",
        ] {
            connection.execute_unprepared(&format!("CREATE {index}")).await?;
        }
        count_what_there_is(manager).await?;
        for table in ["blob", "storage_usage", "hold"] {
            secure_table(manager, table).await?;
        }
        Ok(())
    }
}

fn blob() -> TableCreateStatement {
    Table::create()
        .table("blob")
        .col(uuid("tenant_id"))
        .col(string_len("sha256", 64))
        .col(uuid("location"))
        .col(big_integer("size"))
        .col(big_integer("refs"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(Index::create().col("tenant_id").col("sha256"))
        .to_owned()
}

fn usage() -> TableCreateStatement {
    Table::create()
        .table("storage_usage")
        .col(uuid("tenant_id").primary_key())
        .col(big_integer("files"))
        .col(big_integer("bytes"))
        .to_owned()
}

fn hold() -> TableCreateStatement {
    Table::create()
        .table("hold")
        .col(uuid("tenant_id"))
        .col(uuid("file_id"))
        .col(string("holder"))
        .primary_key(Index::create().col("tenant_id").col("file_id").col("holder"))
        .to_owned()
}

/// Of files with the same content the first one's bytes stay; the sweep removes the others'.
async fn count_what_there_is(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
    let first = if is_postgres { "(array_agg(id ORDER BY id))[1]" } else { "min(id)" };
    let connection = manager.get_connection();
    if is_postgres {
        // row-level security is for its owner, too, who belongs to no tenant
        connection.execute_unprepared("ALTER TABLE file NO FORCE ROW LEVEL SECURITY").await?;
    }
    let blobs = format!(
        "INSERT INTO blob (tenant_id, sha256, location, size, refs, created_at) \
         SELECT tenant_id, sha256, {first}, max(size), count(*), min(created_at) FROM file GROUP BY tenant_id, sha256"
    );
    connection.execute_unprepared(&blobs).await?;
    let usage = "INSERT INTO storage_usage (tenant_id, files, bytes) \
                 SELECT tenant_id, sum(refs), sum(size) FROM blob GROUP BY tenant_id";
    connection.execute_unprepared(usage).await?;
    if is_postgres {
        connection.execute_unprepared("ALTER TABLE file FORCE ROW LEVEL SECURITY").await?;
    }
    Ok(())
}
