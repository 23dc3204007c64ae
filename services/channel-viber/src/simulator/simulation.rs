use serde_json::{Value, json};
use weft_channel::{Simulation, SimulationOptions, simulation::fields};
use weft_domain::Result;

use super::{Sent, Simulator, TOKEN};

/// The REST API as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let simulator = Simulator::new()?;
    let (served, world) = (simulator.clone(), simulator.world.clone());
    let play = |stop| async move { simulator.play(options, stop).await };
    Ok(Simulation {
        kind: "viber",
        listen: "127.0.0.1:8095",
        webhook_by_hand: false,
        settings: |base| fields(json!({"api_base": format!("{base}/pa"), "bot_name": "Acme"})),
        secrets: fields(json!({"auth_token": TOKEN})),
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: world.play(|state| state.webhook.is_some(), play),
        transcript: world.transcript(|state| &state.sent, line),
    })
}

fn line(sent: &Sent) -> String {
    let field = |name: &str| sent.message.get(name).and_then(Value::as_str);
    let what = field("text").filter(|text| !text.is_empty()).or_else(|| field("type")).unwrap_or_default();
    format!("bot to {}: {what}", sent.receiver)
}
