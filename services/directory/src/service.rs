use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tonic::service::Routes;
use weft_auth::Authority;
use weft_bus::{Bus, ConsumerSpec};
use weft_cache::Cache;
use weft_crypto::{Kek, password::PasswordHasher};
use weft_domain::{Clock, Result};
use weft_runtime::Lifecycle;
use weft_store::Store;

use crate::{
    Config, consumers as listening, directory::Directory, grpc, jobs, keyring::Keyring, metering,
    throttle::Throttle, token_use::TokenUse,
};

/// How often signing keys are looked at: well below the time a key is published before it signs.
const KEYS_EVERY: Duration = Duration::from_secs(30);
/// How often the last use of API tokens is written down.
const TOKEN_USE_EVERY: Duration = Duration::from_secs(60);
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// What the service needs to start.
pub struct Deps {
    /// Its database, migrated.
    pub store: Store,
    /// The event bus, with `consumers()` made known.
    pub bus: Bus,
    /// Who checks callers in this process; gets its keys from here.
    pub authority: Authority,
    /// Where attempts to sign in are counted.
    pub cache: Cache,
    /// The installation's key-encryption key; refresh tokens are derived under it.
    pub kek: Arc<Kek>,
    /// The settings.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where its tasks live.
    pub lifecycle: Lifecycle,
}

/// A started service.
pub struct Started {
    /// Its methods, to be served behind the guard.
    pub grpc: Routes,
}

/// What it reads from the bus.
pub fn consumers() -> Vec<ConsumerSpec> {
    vec![listening::channel_kinds(), listening::channel_logs()]
}

/// Makes the first signing key if there is none, begins to listen, and gives the methods to serve.
// Behind a pointer its code is compiled with this crate, and not again with every program that starts it.
pub fn start(deps: Deps) -> BoxFuture<'static, Result<Started>> {
    Box::pin(begin(deps))
}

async fn begin(deps: Deps) -> Result<Started> {
    metering::describe();
    let directory = Arc::new(Directory {
        keyring: Keyring::default(),
        throttle: Throttle::new(deps.cache, deps.config.sign_in.clone(), deps.clock.clone()),
        passwords: PasswordHasher::new(deps.config.passwords_at_once),
        refresh_key: deps.kek.mac_key("directory refresh token"),
        digest_key: deps.kek.mac_key("directory request digest"),
        token_use: TokenUse::default(),
        store: deps.store,
        authority: deps.authority,
        config: deps.config,
        clock: deps.clock,
    });
    jobs::keep_signing_keys::run(&directory).await?;
    jobs::recall_revocations::run(&directory).await?;

    let intake = deps.lifecycle.intake();
    for kinds in deps.bus.consume(&listening::channel_kinds()).await? {
        let (store, stop) = (directory.store.clone(), intake.stop_token());
        intake.spawn_critical("directory-channel-kinds", async move {
            kinds.run(stop, move |events| listening::on_channelkind_announced(store.clone(), events)).await
        });
    }

    for logs in deps.bus.consume(&listening::channel_logs()).await? {
        let (store, stop) = (directory.store.clone(), intake.stop_token());
        intake.spawn_critical("directory-channel-log", async move {
            logs.run(stop, move |events| listening::on_channel_logged(store.clone(), events)).await
        });
    }

    let work = deps.lifecycle.work();
    let keys = directory.clone();
    work.every("directory-signing-keys", KEYS_EVERY, work.stop_token(), move || {
        let directory = keys.clone();
        async move { jobs::keep_signing_keys::run(&directory).await }
    });
    let prune = directory.clone();
    work.every("directory-prune-sessions", PRUNE_EVERY, work.stop_token(), move || {
        let directory = prune.clone();
        async move { jobs::prune_sessions::run(&directory.store).await }
    });
    let log = directory.clone();
    work.every("directory-prune-channel-log", PRUNE_EVERY, work.stop_token(), move || {
        let directory = log.clone();
        async move { jobs::prune_channel_log::run(&directory.store).await }
    });
    work.spawn(
        "directory-token-use",
        jobs::note_token_use::run(directory.clone(), TOKEN_USE_EVERY, work.stop_token()),
    );
    Ok(Started { grpc: grpc::routes(&directory) })
}
