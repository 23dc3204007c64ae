use serde_json::{Map, Value, json};
use weft_channel::{Simulation, SimulationOptions, simulation::fields};
use weft_domain::Result;

use super::{CLIENT_ID, CLIENT_SECRET, JWT, NUMBER, Sent, Simulator};

/// RingCentral as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let simulator = Simulator::new()?;
    let (served, world) = (simulator.clone(), simulator.world.clone());
    let play = |stop| async move { simulator.play(options, stop).await };
    Ok(Simulation {
        kind: "ringcentral",
        listen: "127.0.0.1:8097",
        webhook_by_hand: false,
        settings: account_settings,
        secrets: fields(json!({"client_secret": CLIENT_SECRET, "jwt": JWT})),
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: world.play(|state| !state.subscriptions.is_empty(), play),
        transcript: world.transcript(|state| &state.sent, line),
    })
}

fn account_settings(base: &str) -> Map<String, Value> {
    fields(json!({"client_id": CLIENT_ID, "from_number": NUMBER, "api_base": base, "media_base": base}))
}

fn line(sent: &Sent) -> String {
    let to = sent.to.join(", ");
    match (&sent.rang_first, &sent.file) {
        (Some(ours), _) => format!("called {to} from {ours}"),
        (None, Some((name, ..))) => format!("to {to}: {} [{name}]", sent.text),
        (None, None) => format!("to {to}: {}", sent.text),
    }
}
