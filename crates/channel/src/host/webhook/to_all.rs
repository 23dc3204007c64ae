use std::{collections::BTreeSet, sync::Arc};

use futures::future::join_all;
use tokio::time::timeout;
use weft_domain::{Error, id::ChannelId};

use super::DIRECTORY_PATIENCE;
use crate::{
    Adapter, Addressees, VerifyError, WebhookCall, WebhookReply,
    host::{core::Core, metering},
};

/// What a provider says before it knows any account is short.
const MOST_OF_GREETING: usize = 16 * 1024;

impl<A: Adapter> Core<A> {
    /// Takes a call that may be for several accounts, as each of them.
    ///
    /// What is for nobody here is passed over. An account that cannot be asked now has the provider come again, and what the
    /// others took is then the same events once more.
    pub(super) async fn take_call_to_all(self: Arc<Self>, call: WebhookCall) -> Result<WebhookReply, Error> {
        let addressees = self.adapter.addressees(&call).ok_or_else(|| Error::not_found("channel"))?;
        match addressees {
            Addressees::Anybody => self.take_as_anybody(&call).await,
            Addressees::Called(ids) => self.take_as_called(&ids, &call).await,
        }
    }

    async fn take_as_called(
        self: &Arc<Self>,
        ids: &BTreeSet<String>,
        call: &WebhookCall,
    ) -> Result<WebhookReply, Error> {
        let channels = self.channels_called(ids).await?;
        let takes = channels.iter().map(|channel| async {
            let account = self.account_in_time(channel).await?;
            self.take_as(&account, call).await
        });
        let mut reply = None;
        let mut refused = None;
        for taken in join_all(takes).await {
            match taken {
                Ok(given) => drop(reply.get_or_insert(given)),
                Err(error) if error.code().is_ours() => return Err(error),
                Err(error) => drop(refused.get_or_insert(error)),
            }
        }
        match (reply, refused) {
            (None, Some(error)) => Err(error),
            (reply, _) => Ok(reply.unwrap_or_default()),
        }
    }

    async fn channels_called(self: &Arc<Self>, ids: &BTreeSet<String>) -> Result<BTreeSet<ChannelId>, Error> {
        let is_unknown = |id: &String| self.addresses.of(id).is_empty();
        if ids.iter().any(is_unknown) {
            self.look_again().await?;
        }
        for _ in ids.iter().filter(|id| is_unknown(id)) {
            metering::ignored(self.descriptor.kind, "it is for an account that is not connected here");
        }
        Ok(ids.iter().flat_map(|id| self.addresses.of(id)).collect())
    }

    async fn take_as_anybody(self: &Arc<Self>, call: &WebhookCall) -> Result<WebhookReply, Error> {
        // each account is tried, so a large body would be work for nothing
        if call.body.len() > MOST_OF_GREETING {
            return Err(self.reject(VerifyError::Wrong));
        }
        if let Some(reply) = self.take_as_first(call).await? {
            return Ok(reply);
        }
        self.look_again().await?;
        self.take_as_first(call).await?.ok_or_else(|| self.reject(VerifyError::Wrong))
    }

    /// Takes the call as the first account that finds it genuine.
    async fn take_as_first(self: &Arc<Self>, call: &WebhookCall) -> Result<Option<WebhookReply>, Error> {
        let mut unavailable = None;
        for channel in self.addresses.all() {
            match self.account_in_time(&channel).await {
                Ok(account) => match self.verify(&account, call).await {
                    Ok(Ok(_)) => return self.take_as(&account, call).await.map(Some),
                    Ok(Err(_)) => {}
                    Err(error) => unavailable = Some(error),
                },
                Err(error) if error.code().is_ours() => unavailable = Some(error),
                _ => {}
            }
        }
        unavailable.map_or(Ok(None), Err)
    }

    /// Asks for the accounts connected a moment ago, of which we may not have heard yet.
    async fn look_again(self: &Arc<Self>) -> Result<(), Error> {
        if self.addresses.may_look_again() {
            let listed = timeout(DIRECTORY_PATIENCE, self.list()).await;
            if !matches!(listed, Ok(Ok(()))) {
                tracing::debug!(
                    channel.kind = self.descriptor.kind,
                    "the accounts could not be listed again"
                );
            }
        }
        // before the first list nobody can be called unknown
        if self.addresses.is_complete() { Ok(()) } else { Err(Error::unavailable("not_now")) }
    }
}
