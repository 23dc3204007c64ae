//! Updates into events. Pure.

mod content;
mod on_callback_query;
mod on_message;
mod on_my_chat_member;
mod on_reaction;
mod people;
mod text;
mod unsupported;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use weft_channel::{ReceiveError, Received};

use crate::Account;

/// The kinds of updates we ask for; a kind not listed here is never sent to us.
pub(crate) const WANTED: [&str; 5] =
    ["message", "edited_message", "callback_query", "message_reaction", "my_chat_member"];

/// Kinds that we know and leave out.
const UNWANTED: [&str; 20] = [
    "business_connection",
    "business_message",
    "channel_post",
    "chat_boost",
    "chat_join_request",
    "chat_member",
    "chosen_inline_result",
    "deleted_business_messages",
    "edited_business_message",
    "edited_channel_post",
    "guest_message",
    "inline_query",
    "managed_bot",
    "message_reaction_count",
    "poll",
    "poll_answer",
    "pre_checkout_query",
    "purchased_paid_media",
    "removed_chat_boost",
    "shipping_query",
];

/// What one update needs besides itself.
pub(crate) struct Context<'a> {
    account: &'a Account,
    /// The dedup key.
    key: String,
    received_at: DateTime<Utc>,
}

/// Translates one update.
pub(crate) fn receive(
    account: &Account,
    update: &Value,
    received_at: DateTime<Utc>,
) -> Result<Received, ReceiveError> {
    let id = update
        .get("update_id")
        .and_then(Value::as_i64)
        .ok_or_else(|| ReceiveError { why: "it has no `update_id`".to_owned() })?;
    let context = Context { account, key: id.to_string(), received_at };
    for kind in WANTED {
        let Some(content) = update.get(kind) else { continue };
        return match kind {
            "message" => on_message::received(&context, content),
            "edited_message" => on_message::edited(&context, content),
            "callback_query" => on_callback_query::chosen(&context, &read(content)?),
            "message_reaction" => on_reaction::changed(&context, &read(content)?),
            _ => on_my_chat_member::changed(&context, &read(content)?),
        };
    }
    let known = UNWANTED.into_iter().find(|kind| update.get(kind).is_some());
    Ok(Received::ignored(known.unwrap_or("unknown_update"), "this kind of update is not for conversations"))
}

fn read<'a, T: Deserialize<'a>>(value: &'a Value) -> Result<T, ReceiveError> {
    serde_path_to_error::deserialize(value).map_err(|error| ReceiveError {
        // serde's own words would quote the value
        why: format!("`{}` is missing something or has another shape than expected", error.path()),
    })
}

fn time(seconds: i64) -> Result<DateTime<Utc>, ReceiveError> {
    DateTime::from_timestamp(seconds, 0)
        .ok_or_else(|| ReceiveError { why: "the date is out of range".to_owned() })
}
