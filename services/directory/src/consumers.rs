//! What it reads from the bus.

mod on_channel_logged;
mod on_channelkind_announced;

pub(crate) use on_channel_logged::{channel_logs, on_channel_logged};
pub(crate) use on_channelkind_announced::{channel_kinds, on_channelkind_announced};
