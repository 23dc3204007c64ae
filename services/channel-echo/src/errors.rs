//! What the provider's refusals mean: one table.

use weft_channel::{ProviderReply, SendError};

use crate::wire::Refused;

/// Explains an answer that is not a success.
pub(crate) fn explain(reply: &ProviderReply) -> SendError {
    let Ok(Refused { error, message }) = reply.json() else { return reply.error_of_status() };
    match error.as_str() {
        "no_such_contact" | "contact_left" => {
            SendError::recipient_gone("the contact does not exist any more")
        }
        "text_too_long" => SendError::message_invalid("it is too long"),
        "token_revoked" => SendError::account_invalid("the provider does not accept the token any more"),
        // what comes with a status of its own
        _ if matches!(reply.status.as_u16(), 401 | 413 | 429 | 500..) => reply.error_of_status(),
        _ => SendError::rejected(error, message),
    }
}
