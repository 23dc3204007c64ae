use serde_json::{Map, Value};
use weft_channel::{Simulation, SimulationOptions};
use weft_domain::Result;

use super::{Sent, Settings, Simulator};

/// What `weft simulate` needs to know of one kind of account.
pub struct Cast {
    /// The kind of channel that connects to it.
    pub kind: &'static str,
    /// Where it listens unless told otherwise.
    pub listen: &'static str,
    /// The account that is played.
    pub settings: Settings,
    /// The settings of a channel, given the address it listens at.
    pub account: fn(&str) -> Map<String, Value>,
    /// The channel's secrets.
    pub secrets: Map<String, Value>,
}

/// The graph as `weft simulate` runs it.
pub fn simulation(cast: Cast, options: SimulationOptions) -> Result<Simulation> {
    let simulator = Simulator::new(cast.settings)?;
    let (served, world) = (simulator.clone(), simulator.world.clone());
    let play = move |stop| async move { simulator.play(cast.kind, options, stop).await };
    Ok(Simulation {
        kind: cast.kind,
        listen: cast.listen,
        webhook_by_hand: false,
        settings: cast.account,
        secrets: cast.secrets,
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: world.play(|state| state.webhook.is_some() && state.subscribed, play),
        transcript: world.transcript(|state| &state.sent, line),
    })
}

fn line(sent: &Sent) -> String {
    let what = if sent.text.is_empty() { &sent.kind } else { &sent.text };
    format!("business to {}: {what}", sent.to)
}
