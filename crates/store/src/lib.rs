#![doc = include_str!("../README.md")]

mod connect;
mod error;
mod idempotency;
mod metering;
pub mod migration;
mod outbox;
pub mod page;
mod rows;
mod scope;
mod settings;
mod store;
mod system;
mod tx;
pub mod vault;
mod writer;

pub use error::from_db;
pub use idempotency::Once;
pub use outbox::{Outgoing, Pending, Topic};
pub use scope::{Scope, TenantEntity};
pub use settings::Settings;
pub use store::Store;
pub use system::{Purpose, SystemTx, installation};
pub use tx::Tx;
