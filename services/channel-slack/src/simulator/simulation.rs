use serde_json::{Value, json};
use weft_channel::{Simulation, SimulationOptions, simulation::fields};
use weft_domain::Result;

use super::{SECRET, Sent, Simulator, TEAM, TOKEN};

/// Slack as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let simulator = Simulator::new()?;
    let (served, world) = (simulator.clone(), simulator.world.clone());
    let play = |stop| async move { simulator.play(options, stop).await };
    Ok(Simulation {
        kind: "slack",
        listen: "127.0.0.1:8098",
        webhook_by_hand: true,
        settings: |base| fields(json!({"team_id": TEAM, "api_base": format!("{base}/api")})),
        secrets: fields(json!({"bot_token": TOKEN, "signing_secret": SECRET})),
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: world.play(|state| state.webhook.is_some(), play),
        transcript: world.transcript(|state| &state.sent, line),
    })
}

fn line(sent: &Sent) -> String {
    let field = |name: &str| sent.message.get(name).and_then(Value::as_str);
    let what = field("text").or_else(|| field("initial_comment")).unwrap_or("a file");
    format!("app in {}: {what}", sent.channel)
}
