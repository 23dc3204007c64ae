use std::sync::Arc;

use axum::Router;
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
    gate::Gate,
    history::History,
    http::{self, Api},
};

/// What the web chat is started with.
pub struct Deps {
    /// Where events go to and orders come from; its consumers have been migrated.
    pub bus: Bus,
    /// The ways to `directory`, `media` and `conversation`.
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
pub async fn start(deps: Deps) -> Result<Started> {
    deps.config.validate()?;
    crate::metering::describe();
    let conversation = ClientAuth::client(deps.channels.to("conversation")?, deps.authority.clone());
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
    let host = Host::start(Webchat::new(deps.bus.clone()), host_deps).await?;
    let api = Api {
        host,
        bus: deps.bus,
        history: History::new(conversation),
        gate: Gate::new(deps.cache, &deps.config),
        clock: deps.clock,
        stop: deps.lifecycle.intake().stop_token(),
        config: deps.config,
    };
    Ok(Started { http: http::routes(Arc::new(api)) })
}
