use serde_json::json;
use weft_channel::{Simulation, SimulationOptions, simulation::fields};
use weft_domain::Result;

use super::{Sent, Settings, Simulator, State};

/// The Bot API as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let settings = Settings::default();
    let secrets = fields(json!({"bot_token": settings.token}));
    let simulator = Simulator::new(settings)?;
    let (served, world) = (simulator.clone(), simulator.world.clone());
    let play = |stop| async move { simulator.play(options, stop).await };
    Ok(Simulation {
        kind: "telegram",
        listen: "127.0.0.1:8090",
        webhook_by_hand: false,
        settings: |base| fields(json!({"api_base": base})),
        secrets,
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: world.play(State::is_connected, play),
        transcript: world.transcript(|state| &state.sent, line),
    })
}

fn line(sent: &Sent) -> String {
    let what = if sent.text.is_empty() { &sent.method } else { &sent.text };
    format!("bot to {}: {what}", sent.chat_id)
}
