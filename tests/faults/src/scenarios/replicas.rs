use std::time::Instant;

use anyhow::Result;
use tokio::time::sleep;

use super::{AWAY, FROZEN};
use crate::Scene;

fn first(scene: &Scene, service: &str) -> String {
    scene.cluster.replicas(service)[0].name.clone()
}

/// SIGKILL, and after a while it is there again. With others beside it, recovery counts from the kill.
pub(super) async fn kill(scene: &mut Scene, service: &str, others: bool) -> Result<Instant> {
    let replica = first(scene, service);
    let killed = Instant::now();
    scene.cluster.kill(&replica);
    sleep(AWAY).await;
    scene.cluster.restart(&replica).await?;
    Ok(if others { killed } else { Instant::now() })
}

/// SIGSTOP: its connections stay open and nobody answers on them.
pub(super) async fn freeze(scene: &mut Scene, service: &str, others: bool) -> Result<Instant> {
    let replica = first(scene, service);
    let frozen = Instant::now();
    scene.cluster.pause(&replica);
    sleep(FROZEN).await;
    scene.cluster.resume(&replica);
    Ok(if others { frozen } else { Instant::now() })
}

/// One more replica, and then one less.
pub(super) async fn add_and_remove(scene: &mut Scene, service: &str) -> Result<Instant> {
    let begun = Instant::now();
    scene.cluster.add(service).await?;
    sleep(AWAY).await;
    let leaving = first(scene, service);
    scene.cluster.remove(&leaving).await?;
    Ok(begun)
}
