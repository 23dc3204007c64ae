use std::time::Instant;

use anyhow::{Context, Result};
use tokio::time::sleep;

use super::{AWAY, FROZEN};
use crate::Scene;

const NO_DISKS: &str = "this fleet's servers have no disks of their own";

/// TS-4: what the broker had not synced is gone.
pub(super) async fn cut_power_of_nats(scene: &mut Scene) -> Result<Instant> {
    let cluster = &mut scene.cluster;
    let disks = cluster.disks.as_mut().context(NO_DISKS)?;
    cluster.brokers[0].kill();
    disks.nats.cut_power();
    sleep(AWAY).await;
    cluster.brokers[0].restart().await;
    Ok(Instant::now())
}

/// TS-4: what the database had not synced is gone.
pub(super) async fn cut_power_of_postgres(scene: &mut Scene) -> Result<Instant> {
    let cluster = &mut scene.cluster;
    let disks = cluster.disks.as_mut().context(NO_DISKS)?;
    cluster.postgres.kill_all();
    disks.postgres.cut_power();
    sleep(AWAY).await;
    cluster.postgres.restart().await;
    Ok(Instant::now())
}

/// The broker can write nothing more, until somebody makes room and starts it again: NATS keeps JetStream off until then.
pub(super) async fn fill_disk_of_nats(scene: &mut Scene) -> Result<Instant> {
    let disks = scene.cluster.disks.as_ref().context(NO_DISKS)?;
    disks.nats.fill();
    sleep(FROZEN).await;
    disks.nats.free();
    let broker = &mut scene.cluster.brokers[0];
    broker.kill();
    broker.restart().await;
    Ok(Instant::now())
}
