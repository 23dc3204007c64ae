#![doc = include_str!("../README.md")]
#![expect(clippy::panic, reason = "a test that cannot have its server fails, and says why")]

mod certificates;
mod chaos;
mod daemon;
mod databases;
mod disk;
mod eventually;
mod front;
mod mailbox;
mod nats;
mod port;
mod postgres;
mod process;
mod program;
mod redis;
mod shared;

pub use certificates::{Certificate, Certificates};
pub use chaos::ChaosProxy;
pub use daemon::Daemon;
pub use databases::{Database, Databases};
pub use disk::Disk;
pub use eventually::eventually;
pub use front::Front;
pub use mailbox::MailServer;
pub use nats::Nats;
pub use port::free_port;
pub use postgres::Postgres;
pub use redis::Redis;
pub use shared::{NATS_VARIABLE, POSTGRES_VARIABLE, REDIS_VARIABLE, nats_url, postgres, redis_url};
pub use tempfile::TempDir;

/// A new empty folder that is removed when dropped.
pub fn temp_dir() -> TempDir {
    tempfile::Builder::new().prefix("weft-").tempdir().expect("the system's temporary folder is writable")
}
