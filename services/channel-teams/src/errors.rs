//! What the Connector's refusals mean: one table.

use weft_channel::{ProviderReply, SendError};

use crate::wire::Refused;

/// Explains an answer that is not a success.
pub(crate) fn explain(reply: &ProviderReply) -> SendError {
    let refused: Option<Refused> = reply.json().ok();
    let code = refused.as_ref().map(|refused| refused.error.code.as_str()).unwrap_or_default();
    let gone = |reason: &str| SendError::recipient_gone(reason);
    match (reply.status.as_u16(), code) {
        (_, "BotNotInConversationRoster") => gone("the bot was removed from the conversation"),
        (_, "ConversationBlockedByUser") => gone("the person blocked the bot"),
        (_, "BotDisabledByAdmin") => gone("the organisation's administrators switched the bot off"),
        (_, "MessageWritesBlocked") => gone("the person or the organisation lets the bot write nothing"),
        (_, "ConversationNotFound") => gone("the conversation is not there any more"),
        (_, "ActivityNotFoundInConversation") => {
            SendError::rejected(code, "the message that this is about is not there any more")
        }
        (_, "MessageSizeTooBig") | (413, _) => SendError::message_invalid("it is larger than Teams takes"),
        (_, "BadSyntax" | "BadArgument") => SendError::message_invalid("Teams does not take it as it is"),
        (401, _) => SendError::account_invalid("Teams does not accept the bot's token"),
        (403, code) if !code.is_empty() => {
            SendError::rejected(code, "Teams does not let the bot write here, and only says this code")
        }
        // Teams' own word for: try again
        (412, _) => SendError::unreachable("Teams asks to try again"),
        (400..500, code) if !code.is_empty() && reply.status != 429 => {
            SendError::rejected(code, "Teams refused it for a reason that it only names by this code")
        }
        _ => reply.error_of_status(),
    }
}
