use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::time::sleep;
use weft_testkit::ChaosProxy;
use weft_tests_fleet::Links;

use super::{AWAY, FROZEN};
use crate::Scene;

/// Held back in each direction, piece by piece.
const SLOW: Duration = Duration::from_millis(20);

/// Which link.
pub(super) type Link = fn(&Links) -> &ChaosProxy;

/// Connections break, again and again, and new ones are refused for a moment.
pub(super) async fn cut(scene: &Scene, link: Link) -> Result<Instant> {
    let link = link(links(scene)?);
    for _ in 0..3 {
        link.cut();
        sleep(AWAY / 10).await;
        link.pass();
        sleep(AWAY / 3).await;
    }
    Ok(Instant::now())
}

/// Connections stay open and nothing comes through: what a lost network looks like.
pub(super) async fn stall(scene: &Scene, link: Link) -> Result<Instant> {
    let link = link(links(scene)?);
    link.stall();
    sleep(FROZEN).await;
    link.pass();
    Ok(Instant::now())
}

/// Everything takes longer.
pub(super) async fn slow(scene: &Scene, link: Link) -> Result<Instant> {
    let link = link(links(scene)?);
    link.delay(SLOW);
    sleep(FROZEN).await;
    link.pass();
    Ok(Instant::now())
}

fn links(scene: &Scene) -> Result<&Links> {
    scene.cluster.links.as_ref().context("this fleet's links cannot be cut")
}
