//! What happens by itself.

pub(crate) mod keep_signing_keys;
pub(crate) mod note_token_use;
pub(crate) mod prune_sessions;
pub(crate) mod recall_revocations;
