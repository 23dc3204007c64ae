//! The NATS server's configuration, from the roster: one user per service, and lists of what each may do (AU-14, BUS-11).

mod config;
mod keys;
mod user;

pub use config::{TLS_FILE, WITHOUT_TLS, files};
pub use keys::{SEED_EXTENSION, make_keys};
pub(crate) use user::{MIGRATE, OPERATOR, inbox_prefix};
pub use user::{User, users};
