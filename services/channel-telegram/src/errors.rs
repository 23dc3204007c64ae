//! What the Bot API's refusals mean: one table.

use std::time::Duration;

use serde::de::DeserializeOwned;
use weft_channel::{ProviderReply, SendError};

use crate::wire::Envelope;

/// After a conflict with another poller or a webhook.
const CONFLICT_WAIT: Duration = Duration::from_secs(3);

/// Why a call gave no result.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The group has a new id; the call may be made again with it.
    Moved(i64),
    /// The message is as it should be already.
    NotModified,
    /// Everything else.
    Error(SendError),
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        Self::Error(error)
    }
}

impl Failure {
    /// The error, for calls that may be repeated without harm.
    pub(crate) fn of_repeatable(self) -> SendError {
        self.into_error().of_repeatable()
    }

    /// The error, for calls that nothing can move.
    pub(crate) fn into_error(self) -> SendError {
        match self {
            Self::Error(error) => error,
            Self::Moved(_) => {
                SendError::rejected("moved", "the group has become a supergroup with another id")
            }
            Self::NotModified => SendError::rejected("not_modified", "there was nothing to change"),
        }
    }
}

/// Reads an answer.
pub(crate) fn read<T: DeserializeOwned>(reply: &ProviderReply) -> Result<T, Failure> {
    let Ok(envelope) = reply.json::<Envelope>() else {
        return Err(reply.error_of_status().into());
    };
    if !envelope.ok {
        return Err(failure(reply, &envelope));
    }
    let result = envelope.result.unwrap_or_default();
    serde_json::from_value(result).map_err(|_| unreadable().into())
}

fn unreadable() -> SendError {
    SendError::Unreadable { why: "the result has another shape than expected".to_owned() }
}

fn failure(reply: &ProviderReply, envelope: &Envelope) -> Failure {
    if let Some(new_id) = envelope.parameters.migrate_to_chat_id {
        return Failure::Moved(new_id);
    }
    let description = envelope.description.as_str();
    let is_so_already = ["Bad Request: message is not modified", "Bad Request: message to delete not found"];
    if is_so_already.iter().any(|so| description.starts_with(so)) {
        return Failure::NotModified;
    }
    let after = envelope.parameters.retry_after.map(Duration::from_secs).or_else(|| reply.retry_after());
    Failure::Error(match reply.status.as_u16() {
        429 => SendError::Throttled { retry_after: after },
        409 => SendError::Throttled { retry_after: Some(after.unwrap_or(CONFLICT_WAIT)) },
        401 => SendError::account_invalid("Telegram does not accept the bot token"),
        404 if description == "Not Found" => {
            SendError::account_invalid("Telegram does not know this bot token, or the API's address is wrong")
        }
        400 => bad_request(description),
        403 => forbidden(description),
        _ if description.is_empty() => reply.error_of_status(),
        500.. => SendError::unreachable("Telegram has a fault of its own"),
        413 => SendError::message_invalid("the file is too large for Telegram"),
        code => SendError::rejected(code.to_string(), plain(description)),
    })
}

fn bad_request(description: &str) -> SendError {
    let what = plain(description);
    let starts = |prefix: &str| what.to_ascii_lowercase().starts_with(prefix);
    if starts("chat not found") {
        let reason =
            "Telegram does not know the chat: the contact deleted it or has never written to this bot";
        return SendError::rejected("chat_not_found", reason);
    }
    if starts("message text is empty") || starts("text must be non-empty") {
        return SendError::message_invalid("it is empty");
    }
    if starts("message is too long") || starts("message caption is too long") {
        return SendError::message_invalid("it is too long for Telegram");
    }
    if starts("wrong file_id or the file is temporarily unavailable") {
        return SendError::unreachable("Telegram cannot reach the file just now");
    }
    if starts("file is too big") {
        return SendError::message_invalid("Telegram gives bots no files over 20 MB");
    }
    if starts("there is no ") || starts("can't parse entities") || starts("inline keyboard button url") {
        return SendError::message_invalid(what);
    }
    SendError::rejected("400", what)
}

fn forbidden(description: &str) -> SendError {
    let what = plain(description);
    let has = |words: &str| what.contains(words);
    if has("blocked by the user") {
        return SendError::recipient_gone("the contact blocked the bot");
    }
    if has("user is deactivated") {
        return SendError::recipient_gone("the contact's Telegram account no longer exists");
    }
    if has("bot was kicked") || has("bot is not a member") {
        return SendError::recipient_gone("the bot was removed from the group");
    }
    if has("can't initiate conversation") {
        return SendError::recipient_gone("the contact has to write to the bot first");
    }
    SendError::rejected("403", what)
}

/// A description without its class: what comes after `Bad Request: `.
fn plain(description: &str) -> String {
    description.split_once(": ").map_or(description, |(_, what)| what).to_owned()
}
