use std::sync::Arc;

use tokio::sync::Semaphore;
use uuid::Uuid;
use weft_bus::{Bus, Stream};
use weft_cache::Cache;
use weft_domain::{Clock, Result};
use weft_rpc::ClientAuth;
use weft_runtime::Lifecycle;

use super::{
    HostConfig, HostDeps,
    account_cache::AccountCache,
    addresses::Addresses,
    channel_log::{CallNotes, ChannelLog},
    circuit::Circuits,
    directory::Directory,
    file_store::FileStore,
    guarded_transport::GuardedTransport,
    key_sets::KeySets,
    lane::Lanes,
    last_messages::LastMessages,
    live_account::LiveAccount,
    metering,
    orders::Orders,
    people::People,
    sessions::Sessions,
    spool::Spool,
    sync_templates::TemplateSyncs,
};
use crate::{AccessTokens, Adapter, AuthorizedTransport, Descriptor, HttpTransport, Outbound};

/// The transport that an adapter is given.
pub(crate) type AccountTransport<A> = AuthorizedTransport<A, GuardedTransport>;

/// Calls that follow a webhook and signs of typing, all accounts together.
const SIDE_CALLS: usize = 64;

/// What all parts of a host share.
pub(crate) struct Core<A: Adapter> {
    pub(crate) adapter: Arc<A>,
    pub(crate) descriptor: Descriptor,
    pub(crate) bus: Bus,
    pub(crate) cache: Cache,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) config: HostConfig,
    pub(crate) directory: Directory,
    pub(crate) files: FileStore,
    pub(crate) accounts: AccountCache<A::Account>,
    pub(crate) keys: KeySets,
    pub(crate) addresses: Addresses,
    pub(crate) sessions: Sessions,
    pub(crate) template_syncs: TemplateSyncs,
    pub(crate) orders: Orders,
    pub(crate) lanes: Lanes,
    pub(crate) last_messages: LastMessages,
    pub(crate) people: People,
    pub(crate) circuits: Circuits,
    pub(crate) log: Arc<ChannelLog>,
    pub(crate) spool: Spool,
    pub(crate) side_calls: Arc<Semaphore>,
    /// This replica, where leases name their holder.
    pub(crate) replica: String,
    /// Orders up to here may have been in the hands of another process.
    pub(crate) orders_before: u64,
    transport: HttpTransport,
    tokens: AccessTokens,
}

impl<A: Adapter> Core<A> {
    pub(crate) async fn new(adapter: A, deps: HostDeps) -> Result<Self> {
        let HostDeps { bus, channels, authority, http, cache, clock, lifecycle, config } = deps;
        let descriptor = adapter.descriptor();
        metering::describe(descriptor.kind);
        let directory = Directory::new(ClientAuth::client(channels.to("directory")?, authority.clone()));
        let transport = HttpTransport::new(http, descriptor.kind);
        let keys = KeySets::new(transport.clone());
        Ok(Self {
            files: FileStore::new(
                ClientAuth::client(channels.to("media")?, authority),
                config.file_memory_bytes,
            ),
            accounts: AccountCache::new(directory.clone(), descriptor.kind, config.clone(), keys.clone()),
            keys,
            addresses: Addresses::default(),
            sessions: Sessions::default(),
            template_syncs: TemplateSyncs::default(),
            orders: Orders::default(),
            lanes: Lanes::new(config.orders_per_account),
            last_messages: LastMessages::new(),
            people: People::new(),
            circuits: Circuits::new(descriptor.kind),
            log: Arc::default(),
            spool: Spool::new(
                descriptor.kind,
                config.spool_folder.join(descriptor.kind),
                config.spool_max_bytes,
            ),
            side_calls: Arc::new(Semaphore::new(SIDE_CALLS)),
            replica: Uuid::now_v7().to_string(),
            transport,
            tokens: AccessTokens::new(),
            orders_before: bus.last_cursor(Stream::Out).await?,
            adapter: Arc::new(adapter),
            descriptor,
            bus,
            cache,
            clock,
            lifecycle,
            config,
            directory,
        })
    }

    /// The way to the provider for one undertaking with this account, and what the channel log calls that.
    pub(crate) fn transport(
        &self,
        account: &LiveAccount<A::Account>,
        undertaking: &'static str,
    ) -> AccountTransport<A> {
        self.authorized(account, self.guarded(account, self.notes(account, undertaking)))
    }

    /// The same for asking what is new: that there is an answer is no news.
    pub(crate) fn transport_for_polling(&self, account: &LiveAccount<A::Account>) -> AccountTransport<A> {
        self.authorized(account, self.guarded(account, self.notes(account, "poll").of_poll()))
    }

    /// The same for sending a message.
    pub(crate) fn transport_for_sending(
        &self,
        account: &LiveAccount<A::Account>,
        message: &Outbound,
    ) -> AccountTransport<A> {
        let notes = self.notes(account, "send").of_message(message);
        self.authorized(account, self.guarded(account, notes).for_sending())
    }

    fn notes(&self, account: &LiveAccount<A::Account>, undertaking: &'static str) -> CallNotes {
        let whose = (account.tenant_id, account.channel_id);
        CallNotes::new(Arc::clone(&self.log), Arc::clone(&self.clock), whose, undertaking)
    }

    fn authorized(&self, account: &LiveAccount<A::Account>, inner: GuardedTransport) -> AccountTransport<A> {
        // other credentials, another token
        let key = format!("{}:{}", account.channel_id, account.version);
        let adapter = Arc::clone(&self.adapter);
        AuthorizedTransport::new(adapter, account.settings.clone(), key, self.tokens.clone(), inner)
    }

    fn guarded(&self, account: &LiveAccount<A::Account>, notes: CallNotes) -> GuardedTransport {
        GuardedTransport::new(
            self.transport.clone(),
            self.circuits.clone(),
            self.routes_of(account),
            account.channel_id.to_string(),
            self.config.max_media_bytes,
            notes,
        )
    }
}
