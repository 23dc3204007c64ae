//! What can break, one thing at a time.

mod clocks;
mod crash_points;
mod disks;
mod links;
mod poison;
mod provider;
mod replicas;
mod servers;

use std::time::{Duration, Instant};

use anyhow::Result;
use futures::future::LocalBoxFuture;
use weft_tests_fleet::ClusterOptions;

use crate::Scene;

pub use crash_points::POINTS;

/// Something that breaks.
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// Whether it is short enough for every run of the tests.
    pub short: bool,
    /// What it needs.
    pub stage: Stage,
    inflict: Inflict,
}

/// The fleet in which a scenario plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// One broker, one database, one cache.
    Usual,
    /// The same on disks of their own, behind links that can be cut.
    Breakable,
    /// Three brokers.
    Brokers,
}

/// The same, knowing what it breaks.
type Plain = for<'a> fn(&'a mut Scene) -> LocalBoxFuture<'a, Result<Instant>>;

/// Breaks something and mends it; gives the moment from which recovery counts.
type Inflict = Box<dyn for<'a> Fn(&'a mut Scene) -> LocalBoxFuture<'a, Result<Instant>>>;

impl Scenario {
    pub(crate) async fn inflict(&self, scene: &mut Scene) -> Result<Instant> {
        (self.inflict)(scene).await
    }
}

/// How long something is away or frozen.
const AWAY: Duration = Duration::from_secs(3);
const FROZEN: Duration = Duration::from_secs(10);

/// All scenarios.
pub fn all() -> Vec<Scenario> {
    let plain = |name: &str, short, stage, inflict: Plain| Scenario {
        name: name.to_owned(),
        short,
        stage,
        inflict: Box::new(inflict),
    };
    let always = |name, inflict| plain(name, true, Stage::Usual, inflict);
    let rarely = |name, inflict| plain(name, false, Stage::Usual, inflict);
    let breakable = |name, inflict| plain(name, false, Stage::Breakable, inflict);
    let brokers = |name, inflict| plain(name, false, Stage::Brokers, inflict);
    let mut all = vec![
        always("conversation_killed", |scene| Box::pin(replicas::kill(scene, "conversation", true))),
        rarely("conversation_frozen", |scene| Box::pin(replicas::freeze(scene, "conversation", true))),
        rarely("conversation_replica_added_and_removed", |scene| {
            Box::pin(replicas::add_and_remove(scene, "conversation"))
        }),
        rarely("gateway_killed", |scene| Box::pin(replicas::kill(scene, "gateway", true))),
        rarely("gateway_replica_added_and_removed", |scene| {
            Box::pin(replicas::add_and_remove(scene, "gateway"))
        }),
        rarely("adapter_killed", |scene| Box::pin(replicas::kill(scene, "channel-telegram", true))),
        rarely("adapter_frozen", |scene| Box::pin(replicas::freeze(scene, "channel-telegram", true))),
        rarely("adapter_replica_added_and_removed", |scene| {
            Box::pin(replicas::add_and_remove(scene, "channel-telegram"))
        }),
        rarely("directory_killed", |scene| Box::pin(replicas::kill(scene, "directory", false))),
        rarely("directory_frozen", |scene| Box::pin(replicas::freeze(scene, "directory", false))),
        rarely("media_killed", |scene| Box::pin(replicas::kill(scene, "media", false))),
        always("nats_killed", |scene| Box::pin(servers::kill_nats(scene, 0))),
        rarely("nats_frozen", |scene| Box::pin(servers::freeze_nats(scene))),
        rarely("postgres_killed", |scene| Box::pin(servers::kill_postgres(scene))),
        rarely("postgres_frozen", |scene| Box::pin(servers::freeze_postgres(scene))),
        rarely("redis_killed", |scene| Box::pin(servers::kill_redis(scene))),
        rarely("redis_frozen", |scene| Box::pin(servers::freeze_redis(scene))),
        rarely("redis_wiped", |scene| Box::pin(servers::wipe_redis(scene))),
        rarely("provider_throttles", |scene| Box::pin(provider::throttle(scene))),
        rarely("provider_fails", |scene| Box::pin(provider::fail(scene))),
        rarely("provider_hangs", |scene| Box::pin(provider::hang(scene))),
        rarely("provider_drops_answers", |scene| Box::pin(provider::drop_answers(scene))),
        rarely("conversation_clock_set", |scene| Box::pin(clocks::step(scene, "conversation"))),
        rarely("adapter_clock_set", |scene| Box::pin(clocks::step(scene, "channel-telegram"))),
        rarely("gateway_clock_set", |scene| Box::pin(clocks::step(scene, "gateway"))),
        rarely("directory_clock_set", |scene| Box::pin(clocks::step(scene, "directory"))),
        rarely("poisoned_events", |scene| Box::pin(poison::publish(scene))),
        breakable("nats_power_cut", |scene| Box::pin(disks::cut_power_of_nats(scene))),
        breakable("postgres_power_cut", |scene| Box::pin(disks::cut_power_of_postgres(scene))),
        breakable("nats_disk_full", |scene| Box::pin(disks::fill_disk_of_nats(scene))),
        breakable("nats_link_cut", |scene| Box::pin(links::cut(scene, |links| &links.nats))),
        breakable("nats_link_stalled", |scene| Box::pin(links::stall(scene, |links| &links.nats))),
        breakable("nats_link_slow", |scene| Box::pin(links::slow(scene, |links| &links.nats))),
        breakable("postgres_link_cut", |scene| Box::pin(links::cut(scene, |links| &links.postgres))),
        breakable("postgres_link_stalled", |scene| Box::pin(links::stall(scene, |links| &links.postgres))),
        breakable("postgres_link_slow", |scene| Box::pin(links::slow(scene, |links| &links.postgres))),
        breakable("redis_link_cut", |scene| Box::pin(links::cut(scene, |links| &links.redis))),
        breakable("redis_link_stalled", |scene| Box::pin(links::stall(scene, |links| &links.redis))),
        brokers("first_broker_killed", |scene| Box::pin(servers::kill_nats(scene, 0))),
        brokers("second_broker_killed", |scene| Box::pin(servers::kill_nats(scene, 1))),
        brokers("third_broker_killed", |scene| Box::pin(servers::kill_nats(scene, 2))),
    ];
    for (point, services) in POINTS {
        all.extend(services.iter().map(|service| crash(point, service)));
    }
    all
}

fn crash(point: &'static str, service: &'static str) -> Scenario {
    let name = format!("{}_ends_at_{}", service.replace('-', "_"), point.replace('.', "_"));
    let inflict: Inflict = Box::new(move |scene| Box::pin(crash_points::crash_at(scene, point, service)));
    Scenario { name, short: false, stage: Stage::Usual, inflict }
}

impl Stage {
    /// The fleet that it is.
    pub fn options(self) -> ClusterOptions {
        let usual = ClusterOptions::usual();
        match self {
            Self::Usual => usual,
            Self::Breakable => ClusterOptions { disks: true, links: true, ..usual },
            Self::Brokers => ClusterOptions { brokers: 3, ..usual },
        }
    }
}

/// The scenario of this name.
pub fn find(name: &str) -> Option<Scenario> {
    all().into_iter().find(|scenario| scenario.name == name)
}
