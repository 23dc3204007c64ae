//! What can break, one thing at a time.

mod provider;
mod replicas;
mod servers;

use std::time::{Duration, Instant};

use anyhow::Result;
use futures::future::LocalBoxFuture;

use crate::Scene;

/// Something that breaks.
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// Whether it is short enough for every run of the tests.
    pub short: bool,
    inflict: Inflict,
}

/// Breaks something and mends it; gives the moment from which recovery counts.
type Inflict = for<'a> fn(&'a mut Scene) -> LocalBoxFuture<'a, Result<Instant>>;

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
    let always = |name, inflict| Scenario { name, short: true, inflict };
    let rarely = |name, inflict| Scenario { name, short: false, inflict };
    vec![
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
        always("nats_killed", |scene| Box::pin(servers::kill_nats(scene))),
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
    ]
}

/// The scenario of this name.
pub fn find(name: &str) -> Option<Scenario> {
    all().into_iter().find(|scenario| scenario.name == name)
}
