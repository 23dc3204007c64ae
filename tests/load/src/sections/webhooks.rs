use std::time::Duration;

use anyhow::{Result, ensure};

use super::{
    inbound::{self, Outcome, step},
    memory,
};
use crate::{Rig, figures, resources};

const PROBE: Duration = Duration::from_secs(5);
const NARROWING: usize = 3;
const SLOWEST: u32 = 50;

/// The highest rate that is sustained with everything durable and on the sockets: found in short steps, then held.
pub(super) async fn measure(rig: &mut Rig) -> Result<()> {
    inbound::warm_up(rig).await?;
    let mut rate = search(rig).await?;
    loop {
        ensure!(rate >= SLOWEST, "not even {SLOWEST} webhooks a second are sustained");
        let before = rig.cluster.as_ref().map(resources::processor);
        let length = rig.options.step;
        let held = step(rig, rate, length).await?;
        show(rate, length, &held);
        if held.is_sustained() {
            report(rig, rate, &held, before);
            rig.highest = Some(rate);
            return Ok(());
        }
        rate = rate * 9 / 10;
    }
}

async fn search(rig: &Rig) -> Result<u32> {
    let mut good = 0;
    let mut bad = None;
    let mut rate = rig.options.from_rate;
    let mut narrowed = 0;
    while narrowed < NARROWING && rate >= SLOWEST {
        let outcome = step(rig, rate, PROBE).await?;
        show(rate, PROBE, &outcome);
        match outcome.is_sustained() {
            true => good = rate,
            false => bad = Some(rate),
        }
        rate = match bad {
            None => rate * 3 / 2,
            Some(bad) if good == 0 => bad / 2,
            Some(bad) => {
                narrowed += 1;
                good.midpoint(bad)
            }
        };
    }
    Ok(good)
}

fn show(rate: u32, length: Duration, outcome: &Outcome) {
    let verdict = if outcome.is_sustained() { "sustained" } else { "too much" };
    println!(
        "  {rate}/s for {length:?}: {verdict}; accepted {} of {}, p50 {:.1} ms, p99 {:.1} ms{}",
        outcome.accepted,
        outcome.sent,
        figures::milliseconds(&outcome.latency, 0.5),
        figures::milliseconds(&outcome.latency, 0.99),
        if outcome.complete { "" } else { ", not all on the sockets after a minute" },
    );
}

fn report(rig: &Rig, rate: u32, held: &Outcome, before: Option<resources::ByName>) {
    figures::bench("webhooks_per_second", f64::from(rate), "msg/s");
    figures::quantiles("webhook_to_socket_at_highest", &held.latency);
    let (Some(cluster), Some(before)) = (&rig.cluster, before) else { return };
    memory::report("rss_under_load", cluster);
    let used = resources::since(&before, &resources::processor(cluster));
    for (service, milliseconds) in resources::by_service(&used, |sum, one| sum + one) {
        let per_thousand =
            milliseconds * 1000.0 / f64::from(u32::try_from(held.accepted).unwrap_or(u32::MAX));
        figures::bench(&format!("cpu_per_1000_webhooks_{service}"), per_thousand, "ms");
    }
}
