use std::{sync::Arc, time::Duration};

use axum::Router;
use futures::future::BoxFuture;
use tokio::sync::Notify;
use tonic::service::Routes;
use weft_auth::Authority;
use weft_bus::{Bus, ConsumerSpec};
use weft_crypto::sign::MacKey;
use weft_domain::{Clock, Result};
use weft_rpc::{Channels, ClientAuth, Exchange};
use weft_runtime::Lifecycle;
use weft_store::Store;

use crate::{
    Config, Worker,
    app::Media,
    blobs::Blobs,
    grpc, http, jobs,
    link::Links,
    previews::Previews,
    scanner::{Address, Scanner},
};

const SWEEP_EVERY: Duration = Duration::from_secs(6 * 3600);

/// What the service needs.
pub struct Deps {
    /// Its own database.
    pub store: Store,
    /// The bus.
    pub bus: Bus,
    /// Who is calling.
    pub authority: Authority,
    /// The way to `directory`, which exchanges API tokens.
    pub channels: Channels,
    /// How it is set up.
    pub config: Config,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where its tasks run.
    pub lifecycle: Lifecycle,
    /// Signs the links to files; the same in all replicas.
    pub link_key: MacKey,
    /// What makes smaller pictures; none: nothing does.
    pub worker: Option<Worker>,
}

/// A service that runs; the fleet serves these.
pub struct Started {
    /// Its methods.
    pub grpc: Routes,
    /// Uploads and downloads.
    pub http: Router,
}

/// The durable consumers the service reads with.
pub fn consumers() -> Vec<ConsumerSpec> {
    crate::consumers::all()
}

/// Starts the service.
// Behind a pointer its code is compiled with this crate, and not again with every program that starts it.
pub fn start(deps: Deps) -> BoxFuture<'static, Result<Started>> {
    Box::pin(begin(deps))
}

async fn begin(deps: Deps) -> Result<Started> {
    deps.config.validate()?;
    let blobs = Blobs::open(&deps.config).await?;
    let directory = ClientAuth::client(deps.channels.to("directory")?, deps.authority.clone());
    let exchange = Exchange::new(deps.authority, directory);
    let links = Links::new(deps.link_key, deps.config.public_url, deps.clock.clone());
    let limits = deps.config.previews;
    let previews = deps.worker.filter(|_| limits.at_once > 0).map(|worker| Previews::new(worker, limits));
    let address = Address::read(&deps.config.scanner.address);
    let scanner = address.map(|address| Scanner::new(address, &deps.config.scanner));
    let at_once = limits.at_once + if scanner.is_some() { deps.config.scanner.at_once } else { 0 };
    let media = Arc::new(Media {
        store: deps.store,
        blobs,
        links,
        clock: deps.clock,
        max_file_bytes: deps.config.max_file_bytes,
        quota_bytes: Some(deps.config.quota_bytes).filter(|most| *most > 0),
        scanner,
        previews,
        come: Notify::new(),
    });

    let work = deps.lifecycle.work();
    crate::consumers::start(&media, &deps.bus, work).await?;
    let swept = Arc::clone(&media);
    work.every("sweep leftovers", SWEEP_EVERY, work.stop_token(), move || {
        let media = Arc::clone(&swept);
        async move { jobs::sweep_leftovers::run(&media).await }
    });
    let (looking, stop) = (Arc::clone(&media), work.stop_token());
    work.spawn("look into files", async move { jobs::look_into_files::run(looking, at_once, stop).await });
    Ok(Started { grpc: grpc::routes(&media), http: http::routes(media, exchange) })
}
