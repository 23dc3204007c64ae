mod account_cache;
mod addresses;
mod announce;
mod api_base;
mod attempt;
mod backoff;
mod change;
mod channel_log;
mod circuit;
mod config;
mod connect_account;
mod core;
mod deliver;
mod directory;
mod envelope;
mod fetch_media;
mod file_store;
mod follow_accounts;
mod guarded_transport;
mod intake;
mod keep_file;
mod key_sets;
mod lane;
mod last_messages;
mod live_account;
mod metering;
mod orders;
mod pace;
mod people;
mod poll_account;
mod routes;
mod sessions;
mod spool;
mod sync_templates;
mod typing;
mod webhook;

use std::{sync::Arc, time::Instant};

use axum::Router;
use weft_auth::Authority;
use weft_bus::{Bus, ConsumerSpec, Stream};
use weft_cache::Cache;
use weft_domain::{Clock, Error, Result, id};
use weft_rpc::Channels;
use weft_runtime::Lifecycle;

use self::{channel_log::Brought, core::Core, follow_accounts::follow_accounts};
pub use self::{config::HostConfig, keep_file::Keep, live_account::LiveAccount};
use crate::{Adapter, Inbound};

/// What a host is started with.
pub struct HostDeps {
    /// Where events go to and orders come from; its consumers have been migrated.
    pub bus: Bus,
    /// The ways to `directory` and `media`.
    pub channels: Channels,
    /// Who we are to other services.
    pub authority: Authority,
    /// Makes the calls to the provider.
    pub http: weft_http::Client,
    /// Leases and rate limits.
    pub cache: Cache,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Runs the host's tasks.
    pub lifecycle: Lifecycle,
    /// The rest.
    pub config: HostConfig,
}

/// Runs one adapter: everything that adapters share. Clones are the same host.
pub struct Host<A: Adapter>(Arc<Core<A>>);

/// The consumers of the adapter of this kind, for `migrate`.
pub fn consumers(kind: &str) -> Vec<ConsumerSpec> {
    vec![orders::consumer(kind)]
}

impl<A: Adapter> Host<A> {
    /// Starts an adapter: announces its kind, connects its accounts, takes orders, drains what was spooled.
    ///
    /// Fails when the bus does not know its consumer; everything else that is away is waited for in the background.
    pub async fn start(adapter: A, deps: HostDeps) -> Result<Self> {
        let lifecycle = deps.lifecycle.clone();
        let core = Arc::new(Core::new(adapter, deps).await?);
        core.spool.adopt().await?;
        let consumers = core.bus.consume(&orders::consumer(core.descriptor.kind)).await?;

        let log_until = lifecycle.flush().stop_token();
        lifecycle.flush().spawn("publish channel log", Arc::clone(&core).publish_log(log_until));
        lifecycle.work().spawn("drain spool", Arc::clone(&core).drain_spool());
        for consumer in consumers {
            lifecycle.work().spawn_critical("take orders", Arc::clone(&core).take_orders(consumer));
        }
        lifecycle.intake().spawn("announce kind", Arc::clone(&core).announce());
        lifecycle.intake().spawn("follow accounts", follow_accounts(Arc::clone(&core)));
        if core.descriptor.capabilities.typing {
            lifecycle.intake().spawn("show typing", Arc::clone(&core).follow_typing());
        }
        Ok(Self(core))
    }

    /// Where the provider's webhooks come in: `/hooks/<kind>/<channel id>` and what lies below; and `/hooks/<kind>` for
    /// calls to several accounts, where the adapter knows whom they are for.
    pub fn router(&self) -> Router {
        webhook::router(Arc::clone(&self.0))
    }

    /// Takes events that came another way than by webhook; they are on disk when it answers.
    ///
    /// The same key in the same channel is the same event. `unavailable`: nothing is promised, the same call again is safe.
    pub async fn accept(&self, channel_id: &str, events: Vec<Inbound>) -> Result<()> {
        let account = self.account(channel_id).await?;
        if events.iter().any(|event| event.key.is_empty()) {
            return Err(Error::invalid_field("key", "an event needs a key that tells it from others"));
        }
        let events =
            events.into_iter().map(|event| self.0.envelope(&account, event)).collect::<Result<Vec<_>>>()?;
        let (begun, brought) = (Instant::now(), Brought::events("accept", events.len()));
        let published = self.0.bus.publish_all(Stream::In, events).await?;
        self.0.count_accepted(&published);
        self.0.note_brought(&account, Brought { took: begun.elapsed(), ..brought });
        Ok(())
    }

    /// A connected account that is switched on; any other id is `not_found`.
    pub async fn account(&self, channel_id: &str) -> Result<Arc<LiveAccount<A::Account>>> {
        let id = id::parse_lookup(channel_id).map_err(|_| Error::not_found("channel"))?;
        let account = self.0.accounts.get(&id).await?;
        if account.enabled { Ok(account) } else { Err(Error::not_found("channel")) }
    }

    /// The adapter it runs.
    pub fn adapter(&self) -> &A {
        &self.0.adapter
    }
}

impl<A: Adapter> Clone for Host<A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}
