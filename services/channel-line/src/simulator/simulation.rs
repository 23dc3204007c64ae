use serde_json::{Value, json};
use weft_channel::{Simulation, SimulationOptions, simulation::fields};
use weft_domain::Result;

use super::{SECRET, Sent, Simulator, TOKEN};

/// The Messaging API as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let simulator = Simulator::new()?;
    let (served, world) = (simulator.clone(), simulator.world.clone());
    let play = |stop| async move { simulator.play(options, stop).await };
    Ok(Simulation {
        kind: "line",
        listen: "127.0.0.1:8094",
        webhook_by_hand: false,
        settings: |base| fields(json!({"api_base": base, "data_base": base})),
        secrets: fields(json!({"channel_access_token": TOKEN, "channel_secret": SECRET})),
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: world.play(|state| state.webhook.is_some(), play),
        transcript: world.transcript(|state| &state.sent, line),
    })
}

fn line(sent: &Sent) -> String {
    let field = |name: &str| sent.message.get(name).and_then(Value::as_str);
    let what = field("text").or_else(|| field("title")).or_else(|| field("type")).unwrap_or_default();
    format!("account to {}: {what}", sent.to)
}
