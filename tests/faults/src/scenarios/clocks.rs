use std::{fs, time::Instant};

use anyhow::{Context, Result};
use tokio::time::sleep;

use super::AWAY;
use crate::Scene;

const FORWARD: &str = "+7200";
const BACK: &str = "-7200";
const RIGHT: &str = "+0";

/// The clock of a replica's machine is set two hours ahead, four hours back, and right again, while it works.
pub(super) async fn step(scene: &mut Scene, service: &str) -> Result<Instant> {
    let library = format!("/usr/lib/{}-linux-gnu/faketime/libfaketimeMT.so.1", std::env::consts::ARCH);
    fs::metadata(&library)
        .with_context(|| format!("there is no {library}; `make deps` installs libfaketime"))?;
    let replica = scene.cluster.replicas(service)[0].name.clone();
    let folder = weft_testkit::temp_dir();
    let clock = folder.path().join("clock");
    fs::write(&clock, RIGHT)?;
    let faked = [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", clock.to_str().context("a path in UTF-8")?),
        ("FAKETIME_CACHE_DURATION", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    scene.cluster.restart_with(&replica, &faked).await?;
    for time in [FORWARD, BACK, RIGHT] {
        fs::write(&clock, time)?;
        sleep(AWAY).await;
    }
    let right = Instant::now();
    scene.cluster.restart(&replica).await?;
    Ok(right)
}
