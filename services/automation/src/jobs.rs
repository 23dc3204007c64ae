//! What happens by itself.

pub(crate) mod carry_out;
pub(crate) mod prune_answers;
pub(crate) mod prune_done;
pub(crate) mod send_replies;
