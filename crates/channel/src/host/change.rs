use std::{sync::Arc, time::Duration};

use backon::Retryable as _;
use futures::FutureExt as _;
use tokio::time::timeout;
use weft_domain::{Result, id};
use weft_proto::channel::v1::{Change, ChangeEnded, Order, change, inbound::Event};

use super::{account_cache::Absent, backoff, channel_log::Ended, core::Core, live_account::LiveAccount};
use crate::{Adapter, Retry, SendError};

/// For one call and what surrounds it.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a place in the provider's rate is waited for.
const PACE: Duration = Duration::from_secs(5);
const TRIES: usize = 5;
/// A provider that wants to be left alone for longer than this is not asked again: who wanted the change may be.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

impl<A: Adapter> Core<A> {
    /// Changes at the provider what was sent before, and says how that ended. It may be done again without harm, so an order
    /// that comes twice is simply carried out twice.
    pub(crate) async fn change_message(self: &Arc<Self>, order: &Order, change: &Change) -> Result<()> {
        let ask = || self.change_once(order, change).boxed();
        let changed = ask
            .retry(backoff::few_times(TRIES))
            .when(|error: &SendError| match error.clone().of_repeatable().retry() {
                Retry::Never => false,
                Retry::After(wait) => wait <= LONGEST_WAIT,
                Retry::Backoff | Retry::AskPerson => true,
            })
            .adjust(|error, wait| match error.retry() {
                Retry::After(exactly) => wait.map(|_| exactly),
                _ => wait,
            })
            .await;
        let reason = changed.err().map(|error| error.why().into_owned()).unwrap_or_default();
        self.tell_changed(order, change, reason).await
    }

    /// The adapter panicked: the provider may have changed it, and nobody knows.
    pub(crate) async fn report_change_panic(self: &Arc<Self>, order: &Order, change: &Change) -> Result<()> {
        tracing::error!(message.id = change.message_id, "the adapter panicked while changing");
        let reason = "changing it ended with a fault of ours; it may have been done";
        self.tell_changed(order, change, reason.to_owned()).await
    }

    /// An empty reason says that it was done.
    async fn tell_changed(&self, order: &Order, change: &Change, reason: String) -> Result<()> {
        let (message_id, number) = (change.message_id.clone(), change.number);
        let id = format!("changed:{message_id}:{number}");
        let ended = Event::ChangeEnded(ChangeEnded { message_id, number, reason });
        self.tell(order, &change.thread_id, id, ended).await
    }

    async fn change_once(&self, order: &Order, change: &Change) -> Result<(), SendError> {
        let can = self.descriptor.capabilities.changes;
        let (possible, feature) = match &change.change {
            Some(change::Change::Edit(_)) => (can.edits, "changing what was sent"),
            Some(change::Change::Delete(())) => (can.deletes, "taking back what was sent"),
            Some(change::Change::React(_)) => (can.reactions, "reactions"),
            None => (false, "such a change"),
        };
        if !possible {
            return Err(SendError::unsupported(feature));
        }
        if change.provider_message_ids.is_empty() {
            return Err(SendError::message_invalid("the provider's name for it is not known"));
        }
        let account = self.account_to_change(order).await?;
        if let Err(wait) = self.pace(&account, &change.thread_id, PACE).await {
            return Err(SendError::Throttled { retry_after: Some(wait) });
        }
        let transport = self.transport(&account, "change");
        let changing = self.adapter.change(&account.settings, change, &transport);
        let changed = timeout(PATIENCE, Box::pin(changing)).await;
        let changed = changed.unwrap_or_else(|_| Err(SendError::unreachable("it did not answer in time")));
        transport.inner().ended(changed.as_ref().map_or_else(Ended::Sending, |()| Ended::Well));
        changed
    }

    async fn account_to_change(&self, order: &Order) -> Result<Arc<LiveAccount<A::Account>>, SendError> {
        let gone = || SendError::rejected("channel_gone", "the channel was disconnected");
        let channel = id::parse_lookup(&order.channel_id).map_err(|_| gone())?;
        let account = self.accounts.get(&channel).await.map_err(|absent| match absent {
            Absent::Gone => gone(),
            Absent::Broken(why) => SendError::account_invalid(why),
            Absent::Unavailable(why) => SendError::unreachable(why),
        })?;
        if account.tenant_id.to_string() != order.tenant_id {
            return Err(gone());
        }
        if !account.enabled {
            return Err(SendError::rejected("channel_disabled", "the channel is switched off"));
        }
        Ok(account)
    }
}
