use std::{sync::Arc, time::Duration};

use backon::Retryable as _;
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};
use weft_cache::Key;
use weft_domain::Result;
use weft_proto::{
    convert::timestamp,
    directory::v1::{Health, health::Status},
};

use super::{backoff, channel_log::Ended, core::Core, live_account::LiveAccount};
use crate::{AccountSettings as _, Adapter, ConnectContext, Connected, Intake, Retry, SendError, SetupError};

const PATIENCE: Duration = Duration::from_secs(30);
const LEASE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// For so long another replica need not connect what one has connected.
const REMEMBER: Duration = Duration::from_secs(600);

/// What a replica leaves for the others: which state of the account it connected, and how.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    version: u64,
    webhook_url: Option<String>,
    polls: bool,
}

impl<A: Adapter> Core<A> {
    /// Connects an account in the background, unless this version of it has been or is being.
    pub(crate) fn connect_anew(self: &Arc<Self>, account: Arc<LiveAccount<A::Account>>) {
        self.addresses.put(account.channel_id, account.settings.provider_ids());
        let parent = self.lifecycle.intake().stop_token();
        let Some(stop) = self.sessions.begin(account.channel_id, account.version, &parent) else { return };
        let core = Arc::clone(self);
        self.lifecycle.intake().spawn("look after account", async move {
            let connected = stop.run_until_cancelled(Box::pin(core.connect(&account))).await;
            if let Some(Some(Intake::Poll)) = connected {
                // with the secrets that connecting has made
                let account = core.accounts.get(&account.channel_id).await.unwrap_or(account);
                Box::pin(core.poll_account(account, stop)).await;
            }
        });
    }

    /// Connects an account, or waits until another replica has; tells how its events come in.
    async fn connect(self: &Arc<Self>, account: &LiveAccount<A::Account>) -> Option<Intake> {
        let channel = account.channel_id.to_string();
        let context = ConnectContext { webhook_url: self.webhook_url(account) };
        let lease = Key::tenant(&account.tenant_id, "channel-connect", &[&channel]);
        let mark = Key::tenant(&account.tenant_id, "channel-connected", &[&channel]);
        loop {
            if let Some(intake) = self.connected_before(&mark, account, &context).await {
                return Some(intake);
            }
            // without the cache nobody knows of the others; connecting twice does no harm
            if self.cache.lease(&lease, &self.replica, LEASE).await.unwrap_or(true) {
                break;
            }
            sleep(LOOK_AGAIN).await;
        }
        // Another may have done it between our look and our lease.
        if let Some(intake) = self.connected_before(&mark, account, &context).await {
            self.give_back(&lease).await;
            return Some(intake);
        }
        let connected = self.set_up(account, &context, &lease).await;
        if let Some((connected, version)) = &connected {
            let polls = connected.intake == Intake::Poll;
            let made = Mark { version: *version, webhook_url: context.webhook_url, polls };
            self.cache.set(&mark, serde_json::to_vec(&made).unwrap_or_default(), REMEMBER).await;
        }
        self.give_back(&lease).await;
        connected.map(|(connected, _)| connected.intake)
    }

    /// How events come in, if this state of the account has been connected.
    async fn connected_before(
        &self,
        mark: &Key,
        account: &LiveAccount<A::Account>,
        context: &ConnectContext,
    ) -> Option<Intake> {
        let known: Mark = serde_json::from_slice(&self.cache.get(mark).await?).ok()?;
        let same = known.version == account.version && known.webhook_url == context.webhook_url;
        same.then_some(if known.polls { Intake::Poll } else { Intake::Webhook })
    }

    async fn give_back(&self, lease: &Key) {
        if let Err(error) = self.cache.release(lease, &self.replica).await {
            tracing::debug!(%error, "a lease was left to lapse");
        }
    }

    /// Asks the adapter until it works or a person has to look at it; gives the version that is then connected.
    async fn set_up(
        self: &Arc<Self>,
        account: &LiveAccount<A::Account>,
        context: &ConnectContext,
        lease: &Key,
    ) -> Option<(Connected, u64)> {
        let ask = || self.set_up_once(account, context, lease);
        let set_up = ask.retry(backoff::for_providers()).when(|error| error.retry() != Retry::Never).adjust(
            |error, wait| match error.retry() {
                Retry::After(exactly) => Some(exactly),
                _ => wait,
            },
        );
        let failed = match set_up.await {
            Err(error) => error.to_string(),
            Ok(connected) => match self.keep_secrets(account, &connected).await {
                Ok(version) => {
                    self.report_connected(account, &connected).await;
                    self.sync_templates(account.channel_id);
                    return Some((connected, version));
                }
                Err(error) => format!("what the adapter made could not be kept: {}", error.message()),
            },
        };
        tracing::info!(channel.id = %account.channel_id, why = failed, "an account cannot be connected");
        self.report_health(account, Status::Failed, &failed).await;
        None
    }

    async fn set_up_once(
        &self,
        account: &LiveAccount<A::Account>,
        context: &ConnectContext,
        lease: &Key,
    ) -> Result<Connected, SetupError> {
        if let Err(error) = self.cache.lease(lease, &self.replica, LEASE).await {
            tracing::debug!(%error, "connecting without a lease");
        }
        let transport = self.transport(account, "connect");
        let connect = Box::pin(self.adapter.connect(&account.settings, context, &transport));
        let connected = timeout(PATIENCE, connect).await;
        let connected =
            connected.unwrap_or_else(|_| Err(SendError::unreachable("it did not answer in time").into()));
        transport.inner().ended(connected.as_ref().map_or_else(Ended::Connecting, |_| Ended::Well));
        if let Err(error) = &connected
            && error.retry() != Retry::Never
        {
            self.report_health(account, Status::Degraded, &error.to_string()).await;
        }
        connected
    }

    /// Keeps what the adapter made; gives the version the account then has.
    async fn keep_secrets(&self, account: &LiveAccount<A::Account>, connected: &Connected) -> Result<u64> {
        if connected.secrets_made.is_empty() {
            return Ok(account.version);
        }
        // before the directory tells everybody of a change that is our own
        let expected = account.version + 1;
        self.sessions.now_at(account.channel_id, account.version, expected);
        let store = || self.directory.store_secrets(&account.channel_id, &connected.secrets_made);
        store.retry(backoff::for_ever()).when(|error| error.code().is_transient()).await?;
        self.accounts.forget(&account.channel_id).await;
        let read = || self.directory.account(&account.channel_id);
        let kept = read.retry(backoff::for_ever()).when(|error| error.code().is_transient()).await?;
        if kept.version < expected {
            self.sessions.now_at(account.channel_id, expected, kept.version);
        }
        Ok(kept.version.min(expected))
    }

    async fn report_connected(&self, account: &LiveAccount<A::Account>, connected: &Connected) {
        let health = Health {
            status: Status::Connected.into(),
            detail: described(connected),
            token_expires_at: connected.credentials_expire_at.map(timestamp),
            ..Health::default()
        };
        if let Err(error) = self.directory.report_as(&account.channel_id, health).await {
            tracing::warn!(%error, channel.id = %account.channel_id, "an account's health could not be noted");
        }
    }

    fn webhook_url(&self, account: &LiveAccount<A::Account>) -> Option<String> {
        self.config.webhook_url(self.descriptor.kind, &account.channel_id, account.provider_is_near)
    }
}

fn described(connected: &Connected) -> String {
    match &connected.username {
        Some(username) if connected.title.is_empty() => username.clone(),
        Some(username) => format!("{} ({username})", connected.title),
        None => connected.title.clone(),
    }
}
