use weft_channel::{SendError, Transport};

use super::{outbound::Desk, wire::Done};
use crate::result;

impl Desk<'_> {
    /// Has the app told of these kinds of events of the account.
    pub async fn subscribe(&self, fields: &str, transport: &dyn Transport) -> Result<(), SendError> {
        let mut call = self.access.post(&[self.node, "subscribed_apps"], "subscribed_apps")?;
        call.url.query_pairs_mut().append_pair("subscribed_fields", fields);
        let done: Done = result(call, transport, self.meaning).await?;
        if done.success {
            return Ok(());
        }
        Err(SendError::rejected("not_subscribed", "Meta did not subscribe the app to the account"))
    }
}
