use std::{
    fs::{self, File, TryLockError},
    path::Path,
    time::Duration,
};

use sqlx::{
    ConnectOptions, SqliteConnection, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use weft_domain::{Error, Result};

const READERS: u32 = 4;

// `key` is the stream's number in the top byte and the cursor below, so that each stream is one run of the table.
const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS stream (
        number INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL, bytes INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS event (
        key INTEGER PRIMARY KEY, dedup TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, weight INTEGER NOT NULL,
        subject TEXT NOT NULL, attributes TEXT NOT NULL, data BLOB NOT NULL);
    CREATE TABLE IF NOT EXISTS consumer (name TEXT PRIMARY KEY, spec TEXT NOT NULL, floor INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS ack (
        consumer TEXT NOT NULL, cursor INTEGER NOT NULL, PRIMARY KEY (consumer, cursor)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS attempt (
        consumer TEXT NOT NULL, cursor INTEGER NOT NULL, count INTEGER NOT NULL,
        PRIMARY KEY (consumer, cursor)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS dead (
        id INTEGER PRIMARY KEY AUTOINCREMENT, dedup TEXT NOT NULL UNIQUE, stamp TEXT NOT NULL,
        attributes TEXT NOT NULL, data BLOB NOT NULL);
";

/// The opened folder.
pub(crate) struct Opened {
    /// Held for as long as the writer lives.
    pub lock: File,
    pub writer: SqliteConnection,
    pub readers: SqlitePool,
}

pub(crate) async fn open(folder: &Path) -> Result<Opened> {
    fs::create_dir_all(folder).map_err(|error| storage(folder, error))?;
    let lock = lock(folder)?;
    let options = SqliteConnectOptions::new()
        .filename(folder.join("bus.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(5))
        .disable_statement_logging();
    let mut writer = options.connect().await.map_err(|error| storage(folder, error))?;
    sqlx::raw_sql(SCHEMA).execute(&mut writer).await.map_err(|error| storage(folder, error))?;
    let readers =
        SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(options.read_only(true));
    Ok(Opened { lock, writer, readers })
}

fn lock(folder: &Path) -> Result<File> {
    let file = File::create(folder.join("bus.lock")).map_err(|error| storage(folder, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::precondition(
            "bus_folder_in_use",
            format!("another process uses the bus in `{}`; several processes need NATS", folder.display()),
        )),
        Err(TryLockError::Error(error)) => Err(storage(folder, error)),
    }
}

fn storage(folder: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    let words = format!("the bus cannot use the folder `{}`", folder.display());
    Error::new(weft_domain::ErrorCode::Unavailable, "bus_storage", words).with_source(error)
}

/// A failed statement.
pub(crate) fn failed(error: sqlx::Error) -> Error {
    Error::unavailable("bus_storage").with_source(error)
}
