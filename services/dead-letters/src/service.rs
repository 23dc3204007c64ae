use std::{sync::Arc, time::Duration};

use futures::future::BoxFuture;
use tonic::service::Routes;
use weft_bus::Bus;
use weft_domain::Result;
use weft_proto::dead_letters::v1::dead_letters_server::DeadLettersServer;
use weft_runtime::Lifecycle;
use weft_store::Store;

use crate::{Config, desk::Desk, grpc::Methods, jobs, metering};

/// The service's name in the roster, on the wire and in the database.
pub const NAME: &str = "dead-letters";

const TAKE_EVERY: Duration = Duration::from_secs(1);
const COUNT_EVERY: Duration = Duration::from_secs(15);
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// What the service needs to start.
pub struct Deps {
    /// Its database, migrated; its vault seals bodies.
    pub store: Store,
    /// The event bus.
    pub bus: Bus,
    /// The settings.
    pub config: Config,
    /// Where its tasks live.
    pub lifecycle: Lifecycle,
}

/// A started service.
pub struct Started {
    /// Its methods, to be served behind the guard.
    pub grpc: Routes,
}

/// Begins to take letters from the bus, and gives the methods to serve.
// Behind a pointer its code is compiled with this crate, and not again with every program that starts it.
pub fn start(deps: Deps) -> BoxFuture<'static, Result<Started>> {
    Box::pin(async { begin(deps) })
}

fn begin(deps: Deps) -> Result<Started> {
    metering::describe();
    let desk = Arc::new(Desk { store: deps.store, bus: deps.bus, config: deps.config });
    let intake = deps.lifecycle.intake();
    let taking = desk.clone();
    intake.every("take dead letters", TAKE_EVERY, intake.stop_token(), move || {
        let desk = taking.clone();
        async move { jobs::take_letters::run(&desk).await }
    });
    let work = deps.lifecycle.work();
    work.spawn_critical("replay dead letters", jobs::replay_letters::run(desk.clone(), work.stop_token()));
    let counting = Arc::new(jobs::count_letters::Counted::new(desk.clone()));
    work.every("count dead letters", COUNT_EVERY, work.stop_token(), move || {
        let counted = counting.clone();
        async move { counted.count().await }
    });
    let pruning = desk.clone();
    work.every("prune dead letters", PRUNE_EVERY, work.stop_token(), move || {
        let desk = pruning.clone();
        async move { jobs::prune_letters::run(&desk).await }
    });
    Ok(Started { grpc: Routes::new(DeadLettersServer::new(Methods(desk))) })
}
