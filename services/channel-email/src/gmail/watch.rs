//! Having Gmail tell of new mail. It does for seven days, and is asked again each day.

use chrono::TimeDelta;
use serde_json::json;
use weft_channel::{ProviderCall, SendError};

use super::{Mailbox, errors, wire};
use crate::Email;

const DAY: TimeDelta = TimeDelta::days(1);

impl Mailbox<'_> {
    /// Asks to be told from now on.
    pub(super) async fn watch(&self, email: &Email) -> Result<(), SendError> {
        let labels: Vec<&str> = self.account.folders().into_iter().map(|(name, _)| name).collect();
        let body = json!({
            "topicName": self.account.pubsub_topic,
            "labelIds": labels,
            "labelFilterBehavior": "include",
        });
        let call = ProviderCall::post(self.url(&["watch"], &[])?, "watch").json(body).with_access_token();
        // asking twice does no harm
        let reply =
            self.transport.call(call).await.map_err(|error| SendError::from(error).of_repeatable())?;
        match reply.status.as_u16() {
            200..300 => reply.json::<wire::Watched>().map(drop).map_err(SendError::of_repeatable)?,
            400 | 403 | 404 if errors::of(&reply).retry() == weft_channel::Retry::Never => {
                let why = "Google does not take the topic: it has to exist in the application's project, and \
                           gmail-api-push@system.gserviceaccount.com has to be allowed to publish to it";
                return Err(SendError::account_invalid(why));
            }
            _ => return Err(errors::of(&reply).of_repeatable()),
        }
        email.pushes.watched(self.account.owner()?.channel, email.clock.now());
        Ok(())
    }

    /// The same, unless that was done within a day. Mail is found without it, too.
    pub(crate) async fn watch_daily(&self, email: &Email) -> Result<(), SendError> {
        let since = email.pushes.watched_at(self.account.owner()?.channel);
        if since.is_none_or(|at| email.clock.now() - at >= DAY)
            && let Err(error) = self.watch(email).await
        {
            tracing::warn!(%error, "Gmail will not tell of new mail");
        }
        Ok(())
    }
}
