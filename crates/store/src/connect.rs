use std::{path::Path, time::Duration};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection,
    sqlx::{
        postgres::{PgConnectOptions, PgSslMode},
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};
use weft_domain::{Error, Result};

use crate::{Settings, from_db};

/// Opens a SQLite file for one writer or several readers: WAL, every commit synced to disk (DB-2).
pub(crate) async fn sqlite(file: &Path, connections: u32, settings: &Settings) -> Result<DatabaseConnection> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder).map_err(|error| {
            Error::unavailable("data_folder")
                .with_source(format!("cannot create {}: {error}", folder.display()))
        })?;
    }
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", file.display()));
    quiet(&mut options);
    options
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(settings.statement_timeout() * 2)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(5))
                .statement_cache_capacity(256)
                .pragma("temp_store", "memory")
                .pragma("cache_size", "-8000")
        });
    Database::connect(options).await.map_err(from_db)
}

/// How long PostgreSQL lets a session go on, in milliseconds; `0` is without end.
pub(crate) struct Limits {
    /// With one statement.
    statement: String,
    /// Waiting for somebody else's lock.
    lock: &'static str,
    /// Doing nothing inside a transaction.
    idle: &'static str,
}

impl Limits {
    /// For work that somebody waits for. What a process holds that stood still is free again before anybody misses it.
    pub(crate) fn of_work(settings: &Settings) -> Self {
        Self { statement: settings.statement_timeout_ms.to_string(), lock: "2000", idle: "3000" }
    }

    /// For bringing the schema up to date: an index of a large table takes its time, on a busy machine everything does.
    pub(crate) fn of_migrations() -> Self {
        Self { statement: "0".to_owned(), lock: "60000", idle: "0" }
    }
}

/// Opens a PostgreSQL pool on the schema of `service`.
pub(crate) async fn postgres(
    url: &str,
    service: &str,
    connections: u32,
    settings: &Settings,
    limits: Limits,
) -> Result<DatabaseConnection> {
    let mut options = ConnectOptions::new(url);
    quiet(&mut options);
    let schema = service.to_owned();
    let certificates = settings.clone();
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(5))
        .map_sqlx_postgres_opts(move |postgres| {
            with_certificates(postgres, &certificates).application_name("weft").options([
                ("search_path", schema.as_str()),
                ("statement_timeout", limits.statement.as_str()),
                ("lock_timeout", limits.lock),
                ("idle_in_transaction_session_timeout", limits.idle),
            ])
        });
    Database::connect(options).await.map_err(from_db)
}

/// The server proves its name and the wire is encrypted, whatever the URL says; sqlx's own default would do without.
fn with_certificates(postgres: PgConnectOptions, settings: &Settings) -> PgConnectOptions {
    let is_set = |file: &Path| !file.as_os_str().is_empty();
    let mut postgres = postgres;
    if is_set(&settings.ca_file) {
        postgres = postgres.ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(&settings.ca_file);
    }
    if is_set(&settings.cert_file) {
        postgres = postgres.ssl_client_cert(&settings.cert_file).ssl_client_key(&settings.key_file);
    }
    postgres
}

fn quiet(options: &mut ConnectOptions) {
    options
        .sqlx_logging_level(log::LevelFilter::Trace)
        .sqlx_slow_statements_logging_settings(log::LevelFilter::Warn, Duration::from_millis(500))
        .record_stmt_in_spans(false);
}
