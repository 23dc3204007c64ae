use std::sync::Arc;

use axum::Router;
use futures::future::BoxFuture;
use weft_auth::Authority;
use weft_bus::{Bus, ConsumerSpec};
use weft_cache::Cache;
use weft_channel::{Host, HostConfig, HostDeps};
use weft_domain::{Clock, Result};
use weft_rpc::{Channels, ClientAuth};
use weft_runtime::Lifecycle;

use crate::{
    Config, Webchat,
    adapter::KIND,
    desk::Desk,
    gate::Gate,
    history::History,
    http::{self, Api},
    tell_read,
};

/// What the web chat is started with.
pub struct Deps {
    /// Where events go to and orders come from; its consumers have been migrated.
    pub bus: Bus,
    /// The ways to `directory`, `media`, `conversation` and `automation`.
    pub channels: Channels,
    /// Who we are to other services.
    pub authority: Authority,
    /// What the host makes calls with; the web chat makes none.
    pub http: weft_http::Client,
    /// Rate limits and leases.
    pub cache: Cache,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where its tasks run.
    pub lifecycle: Lifecycle,
    /// How its host runs.
    pub host: HostConfig,
    /// How it is set up.
    pub config: Config,
}

/// A web chat that runs; the fleet serves this.
pub struct Started {
    /// What visitors' pages call.
    pub http: Router,
}

/// The consumers of this service, for `migrate`.
pub fn consumers() -> Vec<ConsumerSpec> {
    weft_channel::consumers(KIND)
}

/// Starts the web chat.
// Behind a pointer its code is compiled with this crate, and not again with every program that starts it.
pub fn start(deps: Deps) -> BoxFuture<'static, Result<Started>> {
    Box::pin(begin(deps))
}

async fn begin(deps: Deps) -> Result<Started> {
    deps.config.validate()?;
    crate::metering::describe();
    let conversation = ClientAuth::client(deps.channels.to("conversation")?, deps.authority.clone());
    let automation = ClientAuth::client(deps.channels.to("automation")?, deps.authority.clone());
    let host_deps = HostDeps {
        bus: deps.bus.clone(),
        channels: deps.channels,
        authority: deps.authority,
        http: deps.http,
        cache: deps.cache.clone(),
        clock: Arc::clone(&deps.clock),
        lifecycle: deps.lifecycle.clone(),
        config: deps.host,
    };
    let adapter = Webchat::new(deps.bus.clone(), Arc::clone(&deps.clock));
    let host = Host::start(adapter, host_deps).await?;
    let api = Arc::new(Api {
        host,
        bus: deps.bus,
        history: History::new(conversation),
        desk: Desk::new(automation, deps.cache.clone()),
        gate: Gate::new(deps.cache.clone(), &deps.config),
        cache: deps.cache,
        clock: deps.clock,
        stop: deps.lifecycle.intake().stop_token(),
        lifecycle: deps.lifecycle,
        config: deps.config,
    });
    api.lifecycle.intake().spawn("tell visitors what was read", tell_read::run(Arc::clone(&api)));
    Ok(Started { http: http::routes(api) })
}
