//! The use cases.

pub(crate) mod discard_letter;
pub(crate) mod discard_letters;
pub(crate) mod get_letter;
mod limit;
pub(crate) mod list_letters;
pub(crate) mod replay_letter;
pub(crate) mod request_replays;
