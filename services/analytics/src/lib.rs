#![doc = include_str!("../README.md")]

use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use serde::Deserialize;
use tonic::service::Routes;
use weft_bus::{Bus, ConsumerSpec};
use weft_domain::Result;
use weft_proto::analytics::v1::analytics_server::AnalyticsServer;
use weft_runtime::Lifecycle;
use weft_store::Store;

mod app;
mod change;
mod consumers;
mod durations;
mod figure;
mod grpc;
mod jobs;
mod metering;
mod migration;
mod period;
mod project;
mod rebuild;
mod series;
mod slot;
pub(crate) mod store;
mod sums;
mod tally;
mod thread;

pub use migration::Migrator;

/// The service's name in the roster, on the wire and in the database.
pub const NAME: &str = "analytics";
/// The documented defaults of its configuration.
pub const DEFAULTS: &str = include_str!("../config.default.toml");

const LOOK_FOR_REBUILDS: Duration = Duration::from_millis(250);
const DROP_GENERATIONS: Duration = Duration::from_secs(2);

/// How the service is set up.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// How many events are counted in one transaction at most.
    pub batch: usize,
}

/// What the service is handed.
pub struct Deps {
    /// Its database.
    pub store: Store,
    /// The bus.
    pub bus: Bus,
    /// How it is set up.
    pub config: Config,
    /// When to stop, and the tasks to wait for.
    pub lifecycle: Lifecycle,
}

/// What the service answers.
pub struct Started {
    /// Its gRPC methods.
    pub grpc: Routes,
}

/// What use cases stand on.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) store: Store,
    pub(crate) bus: Bus,
    pub(crate) durations: Arc<durations::Durations>,
    pub(crate) batch: usize,
}

/// The durable consumers the service reads with.
pub fn consumers(config: &Config) -> Vec<ConsumerSpec> {
    vec![consumers::changes(config.batch)]
}

/// Starts the service: consumers and jobs run from now on, the methods are given back to be served.
// Behind a pointer its code is compiled with this crate, and not again with every program that starts it.
pub fn start(deps: Deps) -> BoxFuture<'static, Result<Started>> {
    Box::pin(begin(deps))
}

async fn begin(deps: Deps) -> Result<Started> {
    metering::describe();
    let context = Arc::new(Context {
        store: deps.store,
        bus: deps.bus,
        durations: Arc::new(durations::Durations::new()?),
        batch: deps.config.batch,
    });
    let tasks = deps.lifecycle.work();
    for spec in consumers(&deps.config) {
        for consumer in context.bus.consume(&spec).await? {
            let (context, stop) = (context.clone(), tasks.stop_token());
            tasks.spawn_critical(spec.name.clone(), async move {
                let consumer = consumer.several_per_key();
                consumer.run(stop, |batch| consumers::on_change::handle(&context, batch)).await
            });
        }
    }
    let (rebuild, stop) = (context.clone(), tasks.stop_token());
    tasks.every("rebuild figures", LOOK_FOR_REBUILDS, tasks.stop_token(), move || {
        let (context, stop) = (rebuild.clone(), stop.clone());
        async move { jobs::run_rebuilds::run(&context, &stop).await }
    });
    let drop = context.clone();
    tasks.every("drop old figures", DROP_GENERATIONS, tasks.stop_token(), move || {
        let context = drop.clone();
        async move { jobs::drop_generations::run(&context).await }
    });
    Ok(Started { grpc: Routes::new(AnalyticsServer::from_arc(context)) })
}
