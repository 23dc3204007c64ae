//! What it reads from the bus.

mod on_channelkind_announced;

pub(crate) use on_channelkind_announced::{channel_kinds, on_channelkind_announced};
