//! What it does by itself.

pub(crate) mod count_letters;
pub(crate) mod prune_letters;
pub(crate) mod replay_letters;
pub(crate) mod take_letters;
