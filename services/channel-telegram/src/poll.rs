use std::time::Duration;

use serde_json::{Value, json};
use weft_channel::{PollContext, Polled, Received, SendError, Transport, Unreadable};

use crate::{
    Account, api,
    errors::Failure,
    inbound::{WANTED, receive},
};

/// How long the server holds the answer back when there is nothing.
const HOLD: Duration = Duration::from_secs(25);
/// A call may take longer than it is held, but not much.
const MARGIN: Duration = Duration::from_secs(10);

/// Asks for updates. The cursor is the offset: asking with it confirms everything before.
pub(crate) async fn poll(
    account: &Account,
    context: &PollContext,
    transport: &dyn Transport,
) -> Result<Polled, SendError> {
    let mut parameters = json!({"limit": 100, "timeout": HOLD.as_secs(), "allowed_updates": WANTED});
    let offset = context.state.as_deref().and_then(|state| state.parse::<i64>().ok());
    if let (Some(offset), Some(fields)) = (offset, parameters.as_object_mut()) {
        fields.insert("offset".to_owned(), offset.into());
    }
    let call = api::json(account, "getUpdates", parameters).timeout(HOLD + MARGIN);
    let updates: Vec<Value> = api::result(call, transport).await.map_err(Failure::of_repeatable)?;

    let ids = updates.iter().filter_map(|update| update.get("update_id")?.as_i64());
    let next = ids.max().and_then(|highest| highest.checked_add(1)).or(offset);
    let mut received = Received::default();
    for update in updates {
        match receive(account, &update, context.now) {
            Ok(one) => received.append(one),
            Err(error) => {
                received.unreadable.push(Unreadable { why: error.why, raw: update.to_string().into() })
            }
        }
    }
    Ok(Polled { received, next_state: next.map(|offset| offset.to_string()), wait: Duration::ZERO })
}
