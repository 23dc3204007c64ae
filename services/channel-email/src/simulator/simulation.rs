use serde_json::json;
use weft_channel::{Simulation, SimulationOptions, simulation::fields};
use weft_domain::Result;

use super::{PASSWORD, Sent, Simulator, account_settings};

/// The mail system as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let simulator = Simulator::new();
    let (served, world) = (simulator.clone(), simulator.world.clone());
    let play = |stop| async move { simulator.play(options, stop).await };
    Ok(Simulation {
        kind: "email",
        listen: "127.0.0.1:8110",
        webhook_by_hand: false,
        settings: account_settings,
        secrets: fields(json!({"password": PASSWORD})),
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: world.play(|state| state.connected, play),
        transcript: world.transcript(|state| &state.sent, line),
    })
}

fn line(sent: &Sent) -> String {
    let first = sent.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    format!("support to {}: {} — {first}", sent.to.join(", "), sent.subject)
}
