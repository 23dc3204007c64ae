use anyhow::Result;

use super::inbound::{step, warm_up};
use crate::{Rig, figures, resources};

const SERVICE: &str = "conversation";
const OTHERWISE: u32 = 1000;
const USUAL: usize = 2;

/// What the same load costs with one, two and four replicas of what stores messages.
pub(super) async fn measure(rig: &mut Rig) -> Result<()> {
    if rig.cluster.is_none() {
        println!("  replicas are added to a fleet that this run has started");
        return Ok(());
    }
    if rig.highest.is_none() {
        warm_up(rig).await?;
    }
    let rate = rig.highest.map_or(OTHERWISE, |highest| highest / 2);
    for count in [1, 2, 4] {
        scale(rig, count).await?;
        let Some(cluster) = &rig.cluster else { break };
        let before = resources::processor(cluster);
        let outcome = step(rig, rate, rig.options.step).await?;
        let used = resources::since(&before, &resources::processor(cluster));
        let name = format!("with_{count}_replicas_at_{rate}_per_second");
        figures::quantiles(&format!("webhook_to_socket_{name}"), &outcome.latency);
        let thousands = f64::from(u32::try_from(outcome.accepted)?) / 1000.0;
        figures::bench(
            &format!("cpu_per_1000_webhooks_{name}"),
            used.values().sum::<f64>() / thousands,
            "ms",
        );
        let memory = resources::memory(cluster);
        let replicas = memory.iter().filter(|(name, _)| name.starts_with(SERVICE));
        figures::bench(&format!("rss_{name}"), replicas.map(|(_, megabytes)| megabytes).sum(), "MB");
    }
    // As it was, for what is measured next.
    scale(rig, USUAL).await
}

async fn scale(rig: &mut Rig, count: usize) -> Result<()> {
    let Some(cluster) = &mut rig.cluster else { return Ok(()) };
    while cluster.replicas(SERVICE).len() > count {
        let newest = cluster.replicas(SERVICE).last().map(|replica| replica.name.clone());
        cluster.remove(&newest.unwrap_or_default()).await?;
    }
    while cluster.replicas(SERVICE).len() < count {
        cluster.add(SERVICE).await?;
    }
    Ok(())
}
