//! What Slack's refusals mean: one table.

use weft_channel::{ProviderReply, SendError};

use crate::wire::Outcome;

/// Explains an answer with `"ok": false`.
pub(crate) fn explain(reply: &ProviderReply, outcome: &Outcome) -> SendError {
    let code = outcome.error.as_deref().unwrap_or_default();
    let invalid = |why: &str| SendError::account_invalid(why);
    let gone = |reason: &str| SendError::recipient_gone(reason);
    let rejected = |reason: &str| SendError::rejected(code, reason);
    match code {
        "ratelimited" | "rate_limited" => SendError::Throttled { retry_after: reply.retry_after() },
        "internal_error" | "fatal_error" => {
            SendError::unclear("Slack failed on the way and may have done it")
        }
        "service_unavailable" | "request_timeout" => SendError::unreachable("Slack has a fault of its own"),
        "invalid_auth" | "not_authed" => invalid("Slack does not accept the bot token"),
        "account_inactive" => invalid("the app was removed from the workspace: install it again"),
        "token_revoked" | "token_expired" => {
            invalid("the bot token does not hold any more: install the app again and save the new one")
        }
        "missing_scope" => SendError::account_invalid(permission(outcome)),
        "no_permission" | "restricted_action" => rejected("the workspace does not let the app do this"),
        "ekm_access_denied" => rejected("the workspace's keys do not let the app read or write here"),
        "channel_not_found" => gone("the app does not see this conversation any more"),
        "not_in_channel" => gone("the app is not in the channel: invite it again"),
        "is_archived" => gone("the channel is archived"),
        "user_not_found" | "user_disabled" => gone("the person left the workspace"),
        "cannot_dm_bot" => rejected("this is another app, and apps cannot be written to"),
        "msg_too_long" => SendError::message_invalid("it is longer than Slack takes"),
        "no_text" => SendError::message_invalid("it is empty"),
        "invalid_blocks" => SendError::message_invalid("Slack does not take its buttons"),
        "too_many_attachments" => SendError::message_invalid("it has more attachments than Slack takes"),
        "message_not_found" => rejected("the message is not there any more"),
        "cant_update_message" | "edit_window_closed" => rejected("the message cannot be changed any more"),
        "file_uploads_disabled" => rejected("the workspace does not take files"),
        _ if reply.status.is_server_error() || code.is_empty() => reply.error_of_status(),
        _ => rejected("Slack refused it for a reason that it only names by this code"),
    }
}

fn permission(outcome: &Outcome) -> String {
    match outcome.needed.as_deref().filter(|needed| is_scopes(needed)) {
        Some(needed) => format!("the app lacks the permission `{needed}`: add it and install the app again"),
        None => "the app lacks a permission: add it and install the app again".to_owned(),
    }
}

/// Whether it is only names of permissions, which people are shown.
fn is_scopes(text: &str) -> bool {
    text.len() <= 200
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, ':' | '.' | ',' | '_' | '-'))
}
