use anyhow::{Result, ensure};

use super::inbound::{step, warm_up};
use crate::{Rig, figures};

/// From a webhook to the agents' sockets, at rates far below and near the highest.
pub(super) async fn measure(rig: &Rig) -> Result<()> {
    if rig.highest.is_none() {
        println!("  without the section `webhooks` the highest rate is not known: 80 % of it is left out");
        warm_up(rig).await?;
    }
    let near_highest = rig.highest.map(|highest| ("80_percent".to_owned(), highest * 4 / 5));
    let rates = [200, 1000].map(|rate| (format!("{rate}_per_second"), rate));
    for (name, rate) in rates.into_iter().chain(near_highest) {
        let outcome = step(rig, rate, rig.options.step).await?;
        figures::quantiles(&format!("webhook_to_socket_at_{name}"), &outcome.latency);
        ensure!(outcome.accepted > 0, "no webhook was accepted at {rate}/s");
        if !outcome.is_sustained() {
            println!("  {rate}/s was not sustained: {} of {} accepted", outcome.accepted, outcome.sent);
        }
    }
    Ok(())
}
