//! What it reads from the bus.

mod on_channelkind_announced;
mod on_revoked;

pub(crate) use on_channelkind_announced::{channel_kinds, on_channelkind_announced};
pub use on_revoked::watch_revocations;
pub(crate) use on_revoked::{follow_revocations, recall_revocations};
