use std::sync::Arc;

use tokio::sync::Semaphore;
use uuid::Uuid;
use weft_bus::{Bus, Stream};
use weft_cache::Cache;
use weft_domain::{Clock, Result};
use weft_rpc::ClientAuth;
use weft_runtime::Lifecycle;

use super::{
    HostConfig, HostDeps, account_cache::AccountCache, addresses::Addresses, circuit::Circuits,
    directory::Directory, file_store::FileStore, guarded_transport::GuardedTransport, lane::Lanes,
    last_messages::LastMessages, live_account::LiveAccount, metering, orders::Orders, sessions::Sessions,
    spool::Spool,
};
use crate::{Adapter, Descriptor, HttpTransport};

/// Calls that follow a webhook and signs of typing, all accounts together.
const SIDE_CALLS: usize = 64;

/// What all parts of a host share.
pub(crate) struct Core<A: Adapter> {
    pub(crate) adapter: A,
    pub(crate) descriptor: Descriptor,
    pub(crate) bus: Bus,
    pub(crate) cache: Cache,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) config: HostConfig,
    pub(crate) directory: Directory,
    pub(crate) files: FileStore,
    pub(crate) accounts: AccountCache<A::Account>,
    pub(crate) addresses: Addresses,
    pub(crate) sessions: Sessions,
    pub(crate) orders: Orders,
    pub(crate) lanes: Lanes,
    pub(crate) last_messages: LastMessages,
    pub(crate) circuits: Circuits,
    pub(crate) spool: Spool,
    pub(crate) side_calls: Arc<Semaphore>,
    /// This replica, where leases name their holder.
    pub(crate) replica: String,
    /// Orders up to here may have been in the hands of another process.
    pub(crate) orders_before: u64,
    transport: HttpTransport,
}

impl<A: Adapter> Core<A> {
    pub(crate) async fn new(adapter: A, deps: HostDeps) -> Result<Self> {
        let HostDeps { bus, channels, authority, http, cache, clock, lifecycle, config } = deps;
        let descriptor = adapter.descriptor();
        metering::describe(descriptor.kind);
        let directory = Directory::new(ClientAuth::client(channels.to("directory")?, authority.clone()));
        Ok(Self {
            files: FileStore::new(
                ClientAuth::client(channels.to("media")?, authority),
                config.file_memory_bytes,
            ),
            accounts: AccountCache::new(directory.clone(), descriptor.kind, config.clone()),
            addresses: Addresses::default(),
            sessions: Sessions::default(),
            orders: Orders::default(),
            lanes: Lanes::new(config.orders_per_account),
            last_messages: LastMessages::new(),
            circuits: Circuits::new(descriptor.kind),
            spool: Spool::new(
                descriptor.kind,
                config.spool_folder.join(descriptor.kind),
                config.spool_max_bytes,
            ),
            side_calls: Arc::new(Semaphore::new(SIDE_CALLS)),
            replica: Uuid::now_v7().to_string(),
            transport: HttpTransport::new(http, descriptor.kind),
            orders_before: bus.last_cursor(Stream::Out).await?,
            adapter,
            descriptor,
            bus,
            cache,
            clock,
            lifecycle,
            config,
            directory,
        })
    }

    /// The way to the provider for one undertaking with this account.
    pub(crate) fn transport(&self, account: &LiveAccount<A::Account>) -> GuardedTransport {
        GuardedTransport::new(
            self.transport.clone(),
            self.circuits.clone(),
            account.channel_id.to_string(),
            self.config.max_media_bytes,
        )
    }
}
