use std::time::Instant;

use anyhow::Result;
use tokio::time::sleep;

use super::{AWAY, FROZEN};
use crate::Scene;

pub(super) async fn kill_nats(scene: &mut Scene, broker: usize) -> Result<Instant> {
    scene.cluster.brokers[broker].kill();
    sleep(AWAY).await;
    scene.cluster.brokers[broker].restart().await;
    Ok(Instant::now())
}

pub(super) async fn freeze_nats(scene: &mut Scene) -> Result<Instant> {
    scene.cluster.brokers[0].pause();
    sleep(FROZEN).await;
    scene.cluster.brokers[0].resume();
    Ok(Instant::now())
}

pub(super) async fn kill_postgres(scene: &mut Scene) -> Result<Instant> {
    scene.cluster.postgres.kill();
    sleep(AWAY).await;
    scene.cluster.postgres.restart().await;
    Ok(Instant::now())
}

pub(super) async fn freeze_postgres(scene: &mut Scene) -> Result<Instant> {
    scene.cluster.postgres.pause();
    sleep(FROZEN).await;
    scene.cluster.postgres.resume();
    Ok(Instant::now())
}

pub(super) async fn kill_redis(scene: &mut Scene) -> Result<Instant> {
    scene.cluster.redis.kill();
    sleep(AWAY).await;
    scene.cluster.redis.restart().await;
    Ok(Instant::now())
}

pub(super) async fn freeze_redis(scene: &mut Scene) -> Result<Instant> {
    scene.cluster.redis.pause();
    sleep(FROZEN).await;
    scene.cluster.redis.resume();
    Ok(Instant::now())
}

/// DB-4: its loss changes no answer.
pub(super) async fn wipe_redis(scene: &mut Scene) -> Result<Instant> {
    for _ in 0..10 {
        scene.cluster.redis.flush().await;
        sleep(AWAY / 10).await;
    }
    Ok(Instant::now())
}
