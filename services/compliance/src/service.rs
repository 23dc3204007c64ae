use std::sync::Arc;

use futures::future::BoxFuture;
use tokio::sync::Notify;
use tonic::service::Routes;
use weft_bus::{Bus, ConsumerSpec};
use weft_crypto::Kek;
use weft_domain::Result;
use weft_proto::compliance::v1::audit_log_server::AuditLogServer;
use weft_runtime::Lifecycle;
use weft_store::Store;

use crate::{
    Config, chain::checkpoint, compliance::Compliance, consumers as listening, grpc::Methods, jobs, metering,
    outside::Outside,
};

/// The service's name in the roster, on the wire and in the database.
pub const NAME: &str = "compliance";

/// What the service needs to start.
pub struct Deps {
    /// Its database, migrated.
    pub store: Store,
    /// The event bus, with `consumers()` made known.
    pub bus: Bus,
    /// The installation's key-encryption key; it wraps people's keys, and checkpoints are signed with a key derived from it.
    pub kek: Arc<Kek>,
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

/// What it reads from the bus.
pub fn consumers() -> Vec<ConsumerSpec> {
    vec![listening::records()]
}

/// Begins to chain what services write down, and gives the methods to serve.
// Behind a pointer its code is compiled with this crate, and not again with every program that starts it.
pub fn start(deps: Deps) -> BoxFuture<'static, Result<Started>> {
    Box::pin(begin(deps))
}

async fn begin(deps: Deps) -> Result<Started> {
    metering::describe();
    let compliance = Arc::new(Compliance {
        signing_key: checkpoint::signing_key(&deps.kek)?,
        outside: Outside::open(&deps.config.checkpoint_folder).await?,
        checkpoint_due: Notify::new(),
        store: deps.store,
        kek: deps.kek,
        config: deps.config,
    });
    let intake = deps.lifecycle.intake();
    for records in deps.bus.consume(&listening::records()).await? {
        let (chaining, stop) = (compliance.clone(), intake.stop_token());
        intake.spawn_critical("compliance-records", async move {
            let records = records.several_per_key();
            records.run(stop, |batch| listening::on_audit_recorded::handle(&chaining, batch)).await
        });
    }
    let work = deps.lifecycle.work();
    work.spawn("compliance-checkpoints", jobs::write_checkpoints::run(compliance.clone(), work.stop_token()));
    Ok(Started { grpc: Routes::new(AuditLogServer::new(Methods(compliance))) })
}
