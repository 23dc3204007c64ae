use std::path::Path;

use anyhow::{Result, anyhow};
use weft_testkit::{ChaosProxy, Disk, Nats, Postgres, Redis};

use super::ClusterOptions;

/// What a disk of its own holds at most.
const DISK_BYTES: u64 = 2 << 30;

/// What the fleet stands on.
pub(super) struct Servers {
    pub(super) brokers: Vec<Nats>,
    pub(super) postgres: Postgres,
    pub(super) redis: Redis,
    pub(super) disks: Option<Disks>,
    pub(super) links: Option<Links>,
}

/// Small file systems that can be filled up or lose their power.
pub struct Disks {
    /// The broker's.
    pub nats: Disk,
    /// The database's.
    pub postgres: Disk,
}

/// What lies between the services and the servers.
pub struct Links {
    /// Before the broker.
    pub nats: ChaosProxy,
    /// Before the database.
    pub postgres: ChaosProxy,
    /// Before the cache.
    pub redis: ChaosProxy,
}

impl Servers {
    pub(super) async fn start(options: &ClusterOptions, folder: &Path) -> Result<Self> {
        let disks = options.disks.then(|| Disks::make(folder)).transpose()?;
        let kept = options.folder.as_deref();
        // a kept database first: it refuses a folder that another fleet uses
        let postgres = match (&disks, kept) {
            (Some(disks), _) => Postgres::start_on(&disks.postgres).await,
            (None, Some(kept)) => Postgres::start_in(&kept.join("postgres")).await,
            (None, None) => Postgres::start_durable().await,
        };
        let redis = Redis::start().await;
        let brokers = match (&disks, kept) {
            (Some(disks), _) => vec![Nats::start_in(&disks.nats.folder().join("data")).await],
            (None, Some(kept)) => vec![Nats::start_in(&kept.join("nats")).await],
            (None, None) if options.brokers > 1 => Nats::start_cluster(options.brokers).await,
            (None, None) => vec![Nats::start().await],
        };
        let links =
            if options.links { Some(Links::before(&brokers[0], &postgres, &redis).await) } else { None };
        Ok(Self { brokers, postgres, redis, disks, links })
    }

    pub(super) fn nats_url(&self) -> String {
        let direct = || self.brokers.iter().map(Nats::url).collect::<Vec<_>>().join(",");
        self.links.as_ref().map_or_else(direct, |links| format!("nats://{}", links.nats.address()))
    }

    pub(super) fn redis_url(&self) -> String {
        let direct = || self.redis.url();
        self.links.as_ref().map_or_else(direct, |links| format!("redis://{}", links.redis.address()))
    }

    /// The database's address as the services know it.
    pub(super) fn postgres_url(&self, direct: &str) -> String {
        let Some(links) = &self.links else { return direct.to_owned() };
        direct.replace(&format!("127.0.0.1:{}", self.postgres.port()), &links.postgres.address())
    }
}

impl Disks {
    fn make(folder: &Path) -> Result<Self> {
        let disk = |name: &str| {
            let folder = folder.join(name);
            std::fs::create_dir_all(&folder)?;
            Disk::make(&folder, DISK_BYTES).map_err(|why| anyhow!("no loop devices: {why}"))
        };
        Ok(Self { nats: disk("nats-disk")?, postgres: disk("postgres-disk")? })
    }
}

impl Links {
    async fn before(nats: &Nats, postgres: &Postgres, redis: &Redis) -> Self {
        let local = |port: u16| format!("127.0.0.1:{port}");
        Self {
            nats: ChaosProxy::start(local(nats.port())).await,
            postgres: ChaosProxy::start(local(postgres.port())).await,
            redis: ChaosProxy::start(local(redis.port())).await,
        }
    }
}
