//! One process of the fleet: some services, or all of them, from dependencies to ready and back.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use tokio::net::TcpListener;
use tonic::service::Routes;
use weft_auth::{Authority, FleetIdentity};
use weft_bus::{Bus, ConsumerSpec};
use weft_cache::Cache;
use weft_domain::{Clock, Error, Result, SystemClock};
use weft_rpc::{Channels, Server};
use weft_runtime::{Lifecycle, Need, StopTimes, wait_for};
use weft_store::{Store, vault::Vault};

use crate::{
    Settings,
    admin::Admin,
    figures,
    nats::MIGRATE,
    relay,
    roster::{self, Entry, Mounted, Parts},
    secrets,
};

const PATIENCE: Duration = Duration::from_secs(30);

/// A running process.
pub struct Process {
    /// Where it listens for HTTP.
    pub listen: SocketAddr,
    /// Where it answers probes and shows its metrics.
    pub admin: SocketAddr,
    lifecycle: Lifecycle,
    parts: Parts,
    stores: Vec<(&'static str, Store)>,
}

/// Which services a process runs, and how.
pub struct Plan {
    /// The services, by name.
    pub services: Vec<&'static str>,
    /// Whether it brings databases and bus up to date before it starts.
    pub migrate: bool,
}

impl Plan {
    /// All services, as on a laptop.
    pub fn everything() -> Self {
        Self { services: roster::ENTRIES.iter().map(|entry| entry.name).collect(), migrate: true }
    }

    /// Who the process is to the bus and to other services: the one service it runs, or `fleet`.
    fn name(&self) -> &'static str {
        match self.services.as_slice() {
            [one] => one,
            _ => "fleet",
        }
    }
}

impl Process {
    /// Starts the services of the plan; a failed start leaves nothing running. `render_metrics` answers `/metrics`.
    pub async fn start<F>(settings: Settings, plan: Plan, render_metrics: F) -> Result<Self>
    where
        F: Fn() -> String + Clone + Send + Sync + 'static,
    {
        let lifecycle = Lifecycle::new(settings.run.stop_times());
        match Box::pin(Self::assemble(settings, plan, lifecycle.clone(), render_metrics)).await {
            Ok(process) => Ok(process),
            Err(error) => {
                lifecycle.ask_to_stop("the start failed");
                if let Err(left) = lifecycle.stop().await {
                    tracing::warn!(error = %left, "the failed start left tasks");
                }
                Err(error)
            }
        }
    }

    async fn assemble<F>(
        settings: Settings,
        plan: Plan,
        lifecycle: Lifecycle,
        render_metrics: F,
    ) -> Result<Self>
    where
        F: Fn() -> String + Clone + Send + Sync + 'static,
    {
        let settings = Arc::new(settings);
        let entries = plan.services.iter().map(|name| roster::find(name)).collect::<Result<Vec<_>>>()?;
        let serves_edge = plan.services.contains(&"gateway");
        let address = if serves_edge { settings.gateway.listen } else { settings.run.listen };
        let listener = bind(address).await?;
        let listen = listener.local_addr().map_err(Error::internal)?;
        let probes = weft_web::probes(lifecycle.readiness().clone(), render_metrics);
        let admin = Admin::begin(settings.run.admin_listen, listen, &lifecycle, probes).await?;
        let mut parts = dependencies(&settings, plan.name(), &lifecycle, listen).await?;
        let stores = open_stores(&parts, &entries).await?;
        if plan.migrate {
            migrate(&settings, &parts.bus, &stores, &entries).await?;
        }
        let (routes, grpc) = start_services(&mut parts, &stores, &entries).await?;
        if let Some(address) = settings.run.rpc_listen {
            serve_rpc(&lifecycle, &parts, address, grpc).await?;
        }
        for (name, store) in &stores {
            let tasks = lifecycle.flush();
            tasks.spawn_critical(
                format!("{name} outbox"),
                relay::run(store.clone(), parts.bus.clone(), tasks.stop_token()),
            );
        }
        watch_health(&parts, &stores);
        figures::begin(&parts, &entries);
        let routes = weft_gateway::around(&settings.gateway, routes).merge(admin.on_main);
        let tasks = lifecycle.intake();
        weft_web::serve(listener, routes, weft_web::Limits::default(), tasks.stop_token(), tasks)
            .map_err(Error::internal)?;
        lifecycle.readiness().started();
        Ok(Self { listen, admin: admin.address, lifecycle, parts, stores })
    }

    /// When to stop, and what still runs.
    pub fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }

    /// What its services were handed.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The database of one of its services.
    pub fn store(&self, service: &str) -> Result<&Store> {
        let found = self.stores.iter().find(|(name, _)| *name == service).map(|(_, store)| store);
        found.ok_or_else(|| Error::internal(format!("this process has no database of {service}")))
    }

    /// Stops in order: intake, work, relays, databases, bus.
    pub async fn stop(self) -> Result<()> {
        self.lifecycle.ask_to_stop("asked to");
        let left = self.lifecycle.stop().await;
        for (_, store) in &self.stores {
            store.close().await?;
        }
        self.parts.bus.close().await;
        left.map_err(Error::internal)
    }
}

/// Brings all databases and the bus up to date, and ends.
pub async fn migrate_everything(settings: Settings) -> Result<()> {
    let settings = Arc::new(settings);
    let lifecycle = Lifecycle::new(StopTimes::LAPTOP);
    let parts = dependencies(&settings, MIGRATE, &lifecycle, settings.run.listen).await?;
    let entries: Vec<&Entry> = roster::ENTRIES.iter().collect();
    let stores = open_stores(&parts, &entries).await?;
    let done = migrate(&settings, &parts.bus, &stores, &entries).await;
    for (_, store) in &stores {
        store.close().await?;
    }
    parts.bus.close().await;
    done
}

/// The directory's database alone, up to date, for commands that need no running process.
pub async fn open_directory(settings: &Settings) -> Result<Store> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let vault = Vault::new(secrets::key_encryption_key(settings)?, "directory");
    let store = Store::connect(&settings.store, "directory", vault, clock).await?;
    store.migrate::<weft_directory::Migrator>().await?;
    Ok(store)
}

/// The audit log's database alone, up to date, for commands that need no running process.
pub async fn open_compliance(settings: &Settings) -> Result<Store> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let vault = Vault::new(secrets::key_encryption_key(settings)?, weft_compliance::NAME);
    let store = Store::connect(&settings.store, weft_compliance::NAME, vault, clock).await?;
    store.migrate::<weft_compliance::Migrator>().await?;
    Ok(store)
}

/// The public key, in hex, that verifies the checkpoints of the audit log.
pub fn audit_public_key(settings: &Settings) -> Result<String> {
    weft_compliance::public_key(secrets::key_encryption_key(settings)?.as_ref())
}

pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let words = format!("cannot listen on {address}: {error}; choose another with WEFT_GATEWAY__LISTEN, WEFT_RUN__LISTEN or WEFT_RUN__ADMIN_LISTEN");
        Error::new(weft_domain::ErrorCode::Unavailable, "cannot_listen", words)
    })
}

pub(crate) async fn dependencies(
    settings: &Arc<Settings>,
    name: &str,
    lifecycle: &Lifecycle,
    listen: SocketAddr,
) -> Result<Parts> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let kek = secrets::key_encryption_key(settings)?;
    let identity = FleetIdentity::new(name, &secrets::fleet_secret(settings, &kek))?;
    let bus_settings = settings.bus_settings(name);
    let bus = if settings.is_embedded() {
        Bus::connect(&bus_settings).await?
    } else {
        wait_for("bus", PATIENCE, || Bus::connect(&bus_settings)).await?
    };
    let cache = match settings.cache_settings() {
        Some(redis) => Cache::redis(&redis)?,
        None => Cache::in_process(64 << 20),
    };
    Ok(Parts {
        store: None,
        bus,
        cache: Some(cache),
        authority: Authority::new(identity, clock.clone()),
        channels: settings.rpc_tls()?.map_or_else(Channels::default, Channels::secured),
        kek,
        clock,
        lifecycle: lifecycle.clone(),
        settings: settings.clone(),
        listen,
    })
}

pub(crate) async fn open_stores(
    parts: &Parts,
    entries: &[&'static Entry],
) -> Result<Vec<(&'static str, Store)>> {
    let mut stores = Vec::new();
    for entry in entries.iter().filter(|entry| entry.migrate.is_some()) {
        let vault = Vault::new(parts.kek.clone(), entry.name);
        let open = || Store::connect(&parts.settings.store, entry.name, vault.clone(), parts.clock.clone());
        stores.push((entry.name, wait_for(entry.name, PATIENCE, open).await?));
    }
    Ok(stores)
}

async fn migrate(
    settings: &Settings,
    bus: &Bus,
    stores: &[(&'static str, Store)],
    entries: &[&'static Entry],
) -> Result<()> {
    for (name, store) in stores {
        if let Some(migrate) = roster::find(name)?.migrate {
            migrate(store.clone()).await?;
        }
    }
    let consumers: Vec<ConsumerSpec> = entries.iter().flat_map(|entry| (entry.consumers)(settings)).collect();
    bus.migrate(&consumers).await?;
    bus.migrate_outside_readers(&settings.outside_readers()).await
}

/// Starts services one after the other; each is reachable before the next one starts.
async fn start_services(
    parts: &mut Parts,
    stores: &[(&'static str, Store)],
    entries: &[&'static Entry],
) -> Result<(Router, Routes)> {
    let mut doors = Vec::new();
    for (name, address) in peers(&parts.settings) {
        if entries.iter().any(|entry| entry.name == name) {
            doors.push((name, parts.channels.local(name)));
        } else if !address.is_empty() {
            parts.channels.remote(name, address)?;
        }
    }
    let mut http = Router::new();
    let mut methods = Router::new();
    for entry in entries {
        let store = stores.iter().find(|(name, _)| *name == entry.name).map(|(_, store)| store.clone());
        let channels = parts.channels.only(entry.place.calls);
        let cache = parts.cache.clone().filter(|_| entry.place.caches);
        let mounted: Mounted = (entry.start)(Parts { store, channels, cache, ..parts.clone() }).await?;
        if let Some(routes) = mounted.http {
            http = http.merge(routes);
        }
        if let Some(grpc) = mounted.grpc {
            let door =
                doors.iter().position(|(name, _)| *name == entry.name).map(|at| doors.swap_remove(at).1);
            let door = door.ok_or_else(|| Error::internal(format!("{} has no door", entry.name)))?;
            let server = Server::new(grpc.clone(), parts.authority.clone());
            let tasks = parts.lifecycle.work();
            tasks.spawn_critical(
                format!("{} methods", entry.name),
                server.serve_local(door, tasks.stop_token().cancelled_owned()),
            );
            methods = methods.merge(grpc.into_axum_router().reset_fallback());
        }
        if entry.name == "directory" {
            weft_rpc::fetch_keys(&parts.authority, parts.channels.to("directory")?).await?;
        }
    }
    if !entries.iter().any(|entry| entry.name == "directory") {
        let directory = parts.channels.to("directory")?;
        wait_for("directory", PATIENCE, || weft_rpc::fetch_keys(&parts.authority, directory.clone())).await?;
    }
    let tasks = parts.lifecycle.intake();
    let follow = weft_rpc::follow_revocations(parts.bus.clone(), parts.authority.clone(), tasks.stop_token());
    tasks.spawn_critical("revocations", follow);
    let tasks = parts.lifecycle.work();
    let directory = parts.channels.to("directory")?;
    tasks
        .spawn("published keys", weft_rpc::keep_keys(parts.authority.clone(), directory, tasks.stop_token()));
    Ok((http, Routes::from(methods)))
}

fn peers(settings: &Settings) -> [(&'static str, &str); 8] {
    let peers = &settings.peers;
    [
        ("directory", &peers.directory),
        ("conversation", &peers.conversation),
        ("media", &peers.media),
        ("automation", &peers.automation),
        ("analytics", &peers.analytics),
        ("compliance", &peers.compliance),
        ("dead-letters", &peers.dead_letters),
        ("voice", &peers.voice),
    ]
}

async fn serve_rpc(lifecycle: &Lifecycle, parts: &Parts, address: SocketAddr, grpc: Routes) -> Result<()> {
    let listener = bind(address).await?;
    let tasks = lifecycle.work();
    let mut server = Server::new(grpc, parts.authority.clone());
    if let Some(tls) = parts.settings.rpc_tls()? {
        server = server.secured(tls);
    }
    tasks
        .spawn_critical("methods over TCP", server.serve_tcp(listener, tasks.stop_token().cancelled_owned()));
    Ok(())
}

/// Readiness follows what a service cannot work without; liveness looks at nothing outside (LD-4).
fn watch_health(parts: &Parts, stores: &[(&'static str, Store)]) {
    let tasks = parts.lifecycle.work();
    let readiness = parts.lifecycle.readiness();
    let bus_check = readiness.check("bus", Need::Required);
    let bus = parts.bus.clone();
    let bus_check = Arc::new(bus_check);
    tasks.every("bus health", Duration::from_secs(2), tasks.stop_token(), move || {
        let (bus, check) = (bus.clone(), bus_check.clone());
        async move { if bus.healthy().await { check.up() } else { check.down("does not answer") } }
    });
    for (name, store) in stores {
        let check = Arc::new(readiness.check(format!("{name} database"), Need::Required));
        let (store, name) = (store.clone(), *name);
        tasks.every(
            format!("{name} database health"),
            Duration::from_secs(2),
            tasks.stop_token(),
            move || {
                let (store, check) = (store.clone(), check.clone());
                async move {
                    if store.healthy().await {
                        check.up()
                    } else {
                        check.down("does not answer")
                    }
                    if let Err(error) = store.measure().await {
                        tracing::debug!(%error, "a database could not be measured");
                    }
                }
            },
        );
    }
}
