use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use serde_json::json;
use tokio::task::JoinSet;

use super::inbound::{step, warm_up};
use crate::{Rig, figures, reader, resources};

/// A gateway takes 256 connections from one address.
const FROM_ONE_ADDRESS: usize = 100;
const FIRST_ADDRESS: usize = 10;
const SETTLE: Duration = Duration::from_secs(3);

/// How much memory quiet sockets take at the gateways, and what they do to those that are busy.
pub(super) async fn measure(rig: &Rig) -> Result<()> {
    let Some(cluster) = &rig.cluster else {
        println!("  sockets are held at a fleet that this run has started");
        return Ok(());
    };
    if rig.highest.is_none() {
        warm_up(rig).await?;
    }
    let gateways = || -> f64 {
        let memory = resources::memory(cluster);
        memory.iter().filter(|(name, _)| name.starts_with("gateway-")).map(|(_, megabytes)| megabytes).sum()
    };
    let conversations = rig.admin.get("/v1/conversations?page_size=1").await;
    let followed = conversations["items"][0]["id"].as_str().context("there is a conversation")?.to_owned();
    tokio::time::sleep(SETTLE).await;
    let before = gateways();
    let mut held = JoinSet::new();
    for count in &rig.options.sockets {
        while held.len() < *count {
            hold(rig, &mut held, &followed).await?;
        }
        tokio::time::sleep(SETTLE).await;
        while held.try_join_next().is_some() {}
        ensure!(held.len() == *count, "{} of {count} sockets are still open", held.len());
        figures::bench("sockets_held", *count as f64, "sockets");
        let each = (gateways() - before) / *count as f64;
        figures::bench(&format!("memory_per_1000_sockets_of_{count}"), each * 1000.0, "MB");
        let outcome = step(rig, 200, rig.options.step).await?;
        figures::quantiles(
            &format!("webhook_to_socket_at_200_per_second_with_{count}_sockets"),
            &outcome.latency,
        );
    }
    Ok(())
}

/// Opens one more socket, which follows one conversation and answers pings.
async fn hold(rig: &Rig, held: &mut JoinSet<()>, followed: &str) -> Result<()> {
    let at = held.len();
    let from = u8::try_from(FIRST_ADDRESS + at / FROM_ONE_ADDRESS)?;
    let gateway = rig.gateways()[at % rig.gateways().len()];
    let mut socket = reader::open(gateway, rig.admin.token(), from).await.context("one more socket")?;
    reader::say(&mut socket, &json!({"type": "subscribe", "conversations": [followed]})).await?;
    held.spawn(async move { while let Some(Ok(_)) = socket.next().await {} });
    Ok(())
}
