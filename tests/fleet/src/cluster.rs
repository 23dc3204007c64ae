mod environment;
mod options;
mod replica;
mod servers;
mod service;

pub use options::ClusterOptions;
pub use replica::Replica;
pub use servers::{Disks, Links};

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, future::try_join_all, stream::FuturesUnordered};
use tempfile::TempDir;
use weft_fleet::roster;
use weft_testkit::{Database, Nats, Postgres, Redis};

use crate::{
    Client,
    cluster::{environment::Environment, servers::Servers, service::Service},
};

/// Every service of the roster as processes of its own, on a private PostgreSQL, NATS and Redis.
///
/// Nothing of it outlives this value, however our process ends.
pub struct Cluster {
    /// The bus: its servers, to be killed, paused and restarted.
    pub brokers: Vec<Nats>,
    /// The database server.
    pub postgres: Postgres,
    /// The cache.
    pub redis: Redis,
    /// The disks of broker and database, if they have some of their own.
    pub disks: Option<Disks>,
    /// What lies between the services and the servers, if something does.
    pub links: Option<Links>,
    /// What `weft tenant demo` said: who signs in with what.
    pub sign_in: String,
    database: Database,
    services: Vec<Service>,
    environment: Environment,
    folder: PathBuf,
    _temporary: Option<TempDir>,
}

impl Cluster {
    /// Starts the servers, brings them up to date, starts all services and waits until every kind of channel is known.
    pub async fn start(options: ClusterOptions) -> Result<Self> {
        let temporary = options.folder.is_none().then(weft_testkit::temp_dir);
        let given = options.folder.as_deref().or(temporary.as_ref().map(TempDir::path));
        let folder = given.context("a folder is given or made")?.to_owned();
        fs::create_dir_all(folder.join("logs"))?;
        let servers = Servers::start(&options, &folder).await?;
        let database = servers.postgres.databases().database_named("weft").await;
        let mut services = Vec::new();
        for entry in roster::ENTRIES {
            let port = options.gateway_port.filter(|_| entry.name == "gateway");
            services.push(Service::new(entry.name, port).await?);
        }
        let mut environment = Environment::new(&options, &folder, &servers, &database);
        weft(&environment, &["migrate"]).await?;
        let sign_in = weft(&environment, &["tenant", "demo"]).await?.trim().to_owned();
        environment.share_key()?;
        environment.meet(&services);
        let Servers { brokers, postgres, redis, disks, links } = servers;
        let mut cluster = Self {
            brokers,
            postgres,
            redis,
            disks,
            links,
            sign_in,
            database,
            services,
            environment,
            folder,
            _temporary: temporary,
        };
        cluster.start_services(&options).await?;
        cluster.operator().wait_for_kinds().await;
        Ok(cluster)
    }

    async fn start_services(&mut self, options: &ClusterOptions) -> Result<()> {
        for service in &mut self.services {
            for _ in 0..options.replicas_of(service.name) {
                service.prepare(&self.environment);
            }
        }
        // they wait for each other while they start
        self.services.iter().for_each(Service::deal);
        let all = self.services.iter_mut().flat_map(|service| &mut service.replicas);
        try_join_all(all.map(|replica| replica.start(&[]))).await?;
        Ok(())
    }

    /// Where people and programs find Weft: before all gateways.
    pub fn base(&self) -> String {
        self.front("gateway")
    }

    /// The one address before all replicas of a service, for HTTP.
    pub fn front(&self, service: &str) -> String {
        format!("http://{}", self.service(service).http.address())
    }

    /// The replicas of a service.
    pub fn replicas(&self, service: &str) -> &[Replica] {
        &self.service(service).replicas
    }

    /// All replicas of all services.
    pub fn all_replicas(&self) -> impl Iterator<Item = &Replica> {
        self.services.iter().flat_map(|service| &service.replicas)
    }

    /// The database, by its roles.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Where everything is kept; `logs` has one file per replica.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The tenant's admin, by the token of the person at this machine.
    pub fn operator(&self) -> Client {
        let file = self.folder.join("keys/operator_token");
        Client::nobody(&self.base()).with_token(fs::read_to_string(file).unwrap_or_default().trim())
    }

    /// Ends a replica with SIGKILL.
    pub fn kill(&mut self, replica: &str) {
        self.replica_mut(replica).daemon.kill();
    }

    /// Stops a replica where it is (SIGSTOP); its connections stay open.
    pub fn pause(&mut self, replica: &str) {
        self.replica_mut(replica).daemon.pause();
    }

    /// Lets a paused replica go on.
    pub fn resume(&mut self, replica: &str) {
        self.replica_mut(replica).daemon.resume();
    }

    /// Starts a replica again where it was, and waits until it is ready; a running one is killed first.
    pub async fn restart(&mut self, replica: &str) -> Result<()> {
        self.restart_with(replica, &[]).await
    }

    /// The same, with more variables for this time only.
    pub async fn restart_with(&mut self, replica: &str, besides: &[(&str, &str)]) -> Result<()> {
        self.replica_mut(replica).start(besides).await
    }

    /// Starts one more replica of a service, and gives its name.
    pub async fn add(&mut self, service: &str) -> Result<String> {
        let at = self.position(service);
        let service = &mut self.services[at];
        let replica = service.prepare(&self.environment);
        replica.start(&[]).await?;
        let name = replica.name.clone();
        service.deal();
        Ok(name)
    }

    /// Takes a replica out as a cluster does: no new connections, SIGTERM, and time to end.
    pub async fn remove(&mut self, replica: &str) -> Result<()> {
        let at = self.services.iter().position(|service| service.has(replica));
        let service = &mut self.services[at.unwrap_or_else(|| panic!("there is no replica {replica}"))];
        let mut leaving = service.take(replica);
        leaving.stop().await
    }

    /// The replicas that ended by themselves.
    pub fn ended(&mut self) -> Vec<String> {
        let all = self.services.iter_mut().flat_map(|service| &mut service.replicas);
        all.filter_map(|replica| replica.daemon.exit_status().map(|_| replica.name.clone())).collect()
    }

    /// The process ids of all replicas and servers that run, by name.
    pub fn pids(&self) -> Vec<(String, u32)> {
        let brokers = self.brokers.iter().map(|broker| ("nats", broker.pid()));
        let servers = [("postgres", self.postgres.pid()), ("redis", self.redis.pid())];
        let replicas = self.all_replicas().map(|replica| (replica.name.as_str(), replica.daemon.pid()));
        let all = replicas.chain(brokers).chain(servers);
        all.filter_map(|(name, pid)| Some((name.to_owned(), pid?))).collect()
    }

    /// Stops in order: the edges, what works behind them, the directory that all ask; then the servers.
    /// Gives the replicas as they ended.
    pub async fn stop(mut self) -> Result<Vec<String>> {
        let (mut order, mut troubles) = (Vec::new(), Vec::new());
        let rank = |service: &Service| match service.name {
            "directory" => 2,
            "gateway" => 0,
            name if name.starts_with("channel-") => 0,
            _ => 1,
        };
        for wave in 0..3 {
            let leaving = self.services.iter_mut().filter(|service| rank(service) == wave);
            let mut stopping: FuturesUnordered<_> = leaving
                .flat_map(|service| &mut service.replicas)
                .map(async |replica| (replica.name.clone(), replica.stop().await))
                .collect();
            while let Some((name, stopped)) = stopping.next().await {
                troubles.extend(stopped.err().map(|error| format!("{error:#}")));
                order.push(name);
            }
        }
        ensure!(troubles.is_empty(), "{}", troubles.join("\n"));
        Ok(order)
    }

    fn service(&self, name: &str) -> &Service {
        &self.services[self.position(name)]
    }

    fn position(&self, name: &str) -> usize {
        let at = self.services.iter().position(|service| service.name == name);
        at.unwrap_or_else(|| panic!("there is no service {name}"))
    }

    fn replica_mut(&mut self, name: &str) -> &mut Replica {
        let mut all = self.services.iter_mut().flat_map(|service| &mut service.replicas);
        all.find(|replica| replica.name == name).unwrap_or_else(|| panic!("there is no replica {name}"))
    }
}

/// Runs a command of `weft` to its end, and gives what it said.
async fn weft(environment: &Environment, arguments: &[&str]) -> Result<String> {
    let mut command = tokio::process::Command::new(environment.binary());
    command.args(arguments).envs(environment.of_command()).kill_on_drop(true);
    let output =
        command.output().await.with_context(|| format!("cannot run {}", environment.binary().display()))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "weft {}: {}", arguments.join(" "), said.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
