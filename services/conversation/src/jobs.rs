//! What happens by itself.

pub(crate) mod continue_due;
pub(crate) mod match_parked;
pub(crate) mod prune_inbox;
pub(crate) mod send_scheduled;
pub(crate) mod wake_snoozed;
