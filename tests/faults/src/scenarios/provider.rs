use std::time::Instant;

use anyhow::Result;
use tokio::time::sleep;
use weft_channel_telegram::simulator::{Fault, FaultKind};

use super::FROZEN;
use crate::Scene;

pub(super) async fn throttle(scene: &mut Scene) -> Result<Instant> {
    suffer(scene, FaultKind::RateLimited { retry_after: 1 }).await
}

pub(super) async fn fail(scene: &mut Scene) -> Result<Instant> {
    suffer(scene, FaultKind::ServerError).await
}

pub(super) async fn hang(scene: &mut Scene) -> Result<Instant> {
    suffer(scene, FaultKind::Hang).await
}

pub(super) async fn drop_answers(scene: &mut Scene) -> Result<Instant> {
    suffer(scene, FaultKind::DropAfter).await
}

async fn suffer(scene: &Scene, kind: FaultKind) -> Result<Instant> {
    scene.provider.simulator.fault(Fault::always(kind));
    sleep(FROZEN).await;
    scene.provider.simulator.clear_faults();
    Ok(Instant::now())
}
