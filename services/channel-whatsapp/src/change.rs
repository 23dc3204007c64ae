//! Our side's reaction to a message; nothing else can be changed.

use serde::de::IgnoredAny;
use serde_json::json;
use weft_channel::{Change, SendError, Transport, change::Change as What};

use crate::{Account, api, outbound::Recipient};

/// Reacts. A business has one reaction to a message: the newest of our side's.
pub(crate) async fn change(
    account: &Account,
    change: &Change,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let (Some(What::React(react)), Some(id)) = (&change.change, change.provider_message_ids.last()) else {
        return Err(SendError::unsupported("such a change"));
    };
    let to = Recipient::read(&change.thread_id)?;
    // an empty one takes away what is there
    let emoji = react.emojis.last().map(String::as_str).unwrap_or_default();
    let body = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        to.field(): to.id(),
        "type": "reaction",
        "reaction": {"message_id": id, "emoji": emoji},
    });
    let call = api::post(account, &[&account.phone_number_id, "messages"], "messages", body)?;
    let done: Result<IgnoredAny, SendError> = api::result(call, transport).await;
    done.map(drop).map_err(SendError::of_repeatable)
}
