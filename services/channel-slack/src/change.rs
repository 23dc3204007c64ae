//! What was posted, changed.

use serde::de::IgnoredAny;
use serde_json::{Value, json};
use weft_channel::{
    Change, SendError, Transport,
    change::{Change as What, Edit},
};

use crate::{
    Account, api, emoji,
    outbound::{blocks, words},
};

/// Edits, deletes or reacts, once for each post that the message became.
pub(crate) async fn change(
    account: &Account,
    change: &Change,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let thread = change.thread_id.as_str();
    let channel = thread.split_once('/').map_or(thread, |(channel, _)| channel);
    let posts = posts(change, channel);
    let Some(ts) = posts.last().copied() else {
        let words = "Slack names no post of this: it is a file, or a button that was pressed";
        return Err(SendError::message_invalid(words));
    };
    let went_as = change.provider_message_ids.len();
    match &change.change {
        Some(What::Edit(edit)) => {
            if went_as > 1 {
                return Err(SendError::message_invalid("it went as several posts, which stay as they are"));
            }
            call(account, "chat.update", update(channel, ts, edit), transport).await
        }
        Some(What::Delete(())) => {
            for ts in &posts {
                let deleted =
                    call(account, "chat.delete", json!({"channel": channel, "ts": ts}), transport).await;
                unless(deleted, "message_not_found")?;
            }
            if posts.len() < went_as {
                return Err(SendError::message_invalid("a file of it stays: Slack names no post of that"));
            }
            Ok(())
        }
        Some(What::React(react)) => {
            let name = emoji::name(&react.emoji)
                .ok_or_else(|| SendError::message_invalid("Slack has no such emoji"))?;
            let (method, done) = if react.removed {
                ("reactions.remove", "no_reaction")
            } else {
                ("reactions.add", "already_reacted")
            };
            let body = json!({"channel": channel, "timestamp": ts, "name": name});
            unless(call(account, method, body, transport).await, done)
        }
        None => Err(SendError::unsupported("such a change")),
    }
}

/// The times of its posts. Files, and buttons that were pressed, have ids that name none.
fn posts<'a>(change: &'a Change, channel: &str) -> Vec<&'a str> {
    let named = change.provider_message_ids.iter().filter_map(|id| id.split_once(':'));
    named.filter(|(place, _)| *place == channel).map(|(_, ts)| ts).collect()
}

fn update(channel: &str, ts: &str, edit: &Edit) -> Value {
    let rich = edit.rich.as_ref();
    let mut body = json!({"channel": channel, "ts": ts, "text": words(&edit.text, rich)});
    if let (false, Some(fields)) = (edit.buttons.is_empty(), body.as_object_mut()) {
        fields.insert("blocks".to_owned(), blocks(&edit.text, rich, &edit.buttons).into());
    }
    body
}

async fn call(
    account: &Account,
    method: &'static str,
    body: Value,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let done: Result<IgnoredAny, _> = api::result(api::json(account, method, body)?, transport).await;
    done.map(drop)
}

/// Well when it is so already.
fn unless(done: Result<(), SendError>, so_already: &str) -> Result<(), SendError> {
    match done {
        Err(error) if error.code() == so_already => Ok(()),
        done => done,
    }
}
