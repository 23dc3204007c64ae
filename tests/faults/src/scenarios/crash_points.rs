use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::time::sleep;

use crate::Scene;

/// Each place in the code at which a process may end in the middle of something (TS-2), and the services that come by.
pub const POINTS: &[(&str, &[&str])] = &[
    ("store.commit.before", &["conversation"]),
    ("store.commit.after", &["conversation"]),
    ("store.relay.before", &["conversation"]),
    ("store.relay.after", &["conversation"]),
    ("bus.publish.before", &["conversation", "channel-telegram"]),
    ("bus.publish.after", &["conversation", "channel-telegram"]),
    ("bus.ack.before", &["conversation", "channel-telegram"]),
    ("bus.ack.after", &["conversation", "channel-telegram"]),
    ("channel.call.before", &["channel-telegram"]),
    ("channel.call.after", &["channel-telegram"]),
    ("channel.report.before", &["channel-telegram"]),
    ("channel.report.after", &["channel-telegram"]),
];

/// It passes so many times before the process ends there: at the start of work, and in the middle of it.
const PASSES: [u32; 3] = [3, 17, 40];
/// By then it has come by so often.
const PATIENCE: Duration = Duration::from_secs(40);

/// Ends a replica at the point, several times.
pub(super) async fn crash_at(scene: &mut Scene, point: &str, service: &str) -> Result<Instant> {
    let replica = scene.cluster.replicas(service)[0].name.clone();
    let mut last = Instant::now();
    for passes in PASSES {
        let armed = format!("{point}={passes}*off->panic");
        scene.cluster.restart_with(&replica, &[("FAILPOINTS", &armed)]).await?;
        let end = Instant::now() + PATIENCE;
        while !scene.cluster.ended().contains(&replica) {
            let words =
                || format!("{replica} does not end at {point}: build weft with `--features crash-points`");
            (Instant::now() < end).then_some(()).with_context(words)?;
            sleep(Duration::from_millis(10)).await;
        }
        last = Instant::now();
    }
    scene.cluster.restart(&replica).await?;
    Ok(last)
}
