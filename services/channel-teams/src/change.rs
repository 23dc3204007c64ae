//! What was sent, changed.

use http::Method;
use serde_json::{Map, Value};
use weft_channel::{Change, Files, Outbound, SendError, Transport, change::Change as What};

use crate::{Account, connector, errors, outbound};

/// Teams' word for a message that is gone.
const NOT_THERE: &str = "ActivityNotFoundInConversation";

/// Edits or deletes.
pub(crate) async fn change(
    account: &Account,
    change: &Change,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let conversation = change.thread_id.as_str();
    let ids: Vec<&str> =
        change.provider_message_ids.iter().filter_map(|id| outbound::activity_id(id, conversation)).collect();
    let Some(last) = ids.last() else {
        return Err(SendError::message_invalid("it has gone to another conversation"));
    };
    match &change.change {
        Some(What::Edit(edit)) => {
            if ids.len() > 1 || edit.under_file {
                let why = "it went as several messages or with a file; those stay as they are";
                return Err(SendError::message_invalid(why));
            }
            let message = Outbound {
                text: edit.text.clone(),
                rich: edit.rich.clone(),
                buttons: edit.buttons.clone(),
                ..Outbound::default()
            };
            let activity = outbound::content(&message, &Files::default(), &mut Vec::new())?;
            call(account, Method::PUT, (conversation, last), Some(activity), transport).await
        }
        Some(What::Delete(())) => {
            for id in ids {
                call(account, Method::DELETE, (conversation, id), None, transport).await?;
            }
            Ok(())
        }
        _ => Err(SendError::unsupported("such a change")),
    }
}

async fn call(
    account: &Account,
    method: Method,
    (conversation, id): (&str, &str),
    activity: Option<Map<String, Value>>,
    transport: &dyn Transport,
) -> Result<(), SendError> {
    let deletes = activity.is_none();
    let path = ["activities", id];
    let mut call = connector::call(account, method, conversation, &path, "change", transport).await?;
    if let Some(activity) = activity {
        call = call.json(Value::Object(activity));
    }
    let reply = transport.call(call).await?;
    if reply.status.is_success() {
        return Ok(());
    }
    match errors::explain(&reply) {
        error if deletes && error.code() == NOT_THERE => Ok(()),
        error => Err(error),
    }
}
