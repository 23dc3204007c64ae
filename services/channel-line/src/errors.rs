//! What LINE's refusals mean: one table.

use weft_channel::{ProviderReply, SendError};

use crate::wire::{Accepted, Refused};

const MONTHLY_LIMIT: &str = "You have reached your monthly limit";

/// The ids of what a push sent, now or when the same call was made before.
pub(crate) fn sent_ids(reply: &ProviderReply) -> Result<Vec<String>, SendError> {
    let repeated = reply.status == 409 && reply.headers.contains_key("x-line-accepted-request-id");
    if !reply.status.is_success() && !repeated {
        return Err(explain(reply));
    }
    let accepted: Accepted = reply.json()?;
    Ok(accepted.sent_messages.into_iter().map(|message| message.id).collect())
}

/// Explains an answer that is not a success.
pub(crate) fn explain(reply: &ProviderReply) -> SendError {
    let Ok(refused) = reply.json::<Refused>() else { return reply.error_of_status() };
    match reply.status.as_u16() {
        400 if refused.is_about("to") => {
            SendError::rejected("unknown_recipient", "LINE does not know this contact for this account")
        }
        400 => SendError::message_invalid(refused.words()),
        401 => SendError::account_invalid("LINE does not accept the channel access token"),
        403 => {
            SendError::rejected("403", format!("the account's plan does not allow it: {}", refused.words()))
        }
        429 if refused.message.starts_with(MONTHLY_LIMIT) => {
            SendError::rejected("monthly_limit", "the account has used up its messages of this month")
        }
        404 | 409 => SendError::rejected(reply.status.as_str(), refused.words()),
        _ => reply.error_of_status(),
    }
}

impl Refused {
    fn is_about(&self, property: &str) -> bool {
        let named = format!("'{property}'");
        self.message.contains(&named) || self.details.iter().any(|detail| detail.property == property)
    }

    /// LINE's own words, with what it says of each field.
    fn words(&self) -> String {
        let details = self.details.iter().map(|detail| format!("{}: {}", detail.property, detail.message));
        let all: Vec<String> = std::iter::once(self.message.clone()).chain(details).collect();
        all.join("; ")
    }
}
