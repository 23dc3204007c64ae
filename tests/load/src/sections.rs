//! What is measured, one section each; each can be run alone.

mod inbound;
mod latency;
mod lists;
mod memory;
mod replicas;
mod sends;
mod sockets;
mod webchat;
mod webhooks;

pub use inbound::{Outcome, step, warm_up};
pub use lists::read_lists;
pub use sends::send_answers;
pub use webchat::write_from_pages;

use anyhow::Result;

use crate::Rig;

/// All sections, in the order in which they run.
pub const NAMES: [&str; 8] =
    ["memory", "webhooks", "latency", "sends", "webchat", "replicas", "sockets", "lists"];

/// Runs one section.
pub async fn run(name: &str, rig: &mut Rig) -> Result<()> {
    match name {
        "memory" => memory::measure_idle(rig).await,
        "webhooks" => webhooks::measure(rig).await?,
        "latency" => latency::measure(rig).await?,
        "sends" => sends::measure(rig).await?,
        "webchat" => webchat::measure(rig).await?,
        "sockets" => sockets::measure(rig).await?,
        "lists" => lists::measure(rig).await?,
        _ => replicas::measure(rig).await?,
    }
    Ok(())
}
