//! What happens by itself.

pub(crate) mod continue_due;
pub(crate) mod prune_inbox;
