//! What Meta's codes mean here: the table of all conversations, and what this channel's permissions are called.

use weft_channel::SendError;
use weft_meta_graph::{Refusal, messaging};

/// Explains a refusal in words that an agent understands.
pub(crate) fn meaning(refusal: &Refusal) -> Option<SendError> {
    let meant = messaging::meaning(refusal)?;
    let lacks_permission =
        matches!(meant, SendError::AccountInvalid { .. }) && matches!(refusal.code, 3 | 10 | 200..=299);
    if lacks_permission {
        return Some(SendError::account_invalid(
            "the token lacks the permission to manage messages, or the account does not allow access to them: Instagram → \
             Settings → Messages → Connected tools",
        ));
    }
    Some(meant)
}
