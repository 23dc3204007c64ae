use serde_json::{Map, Value, json};
use weft_channel::{Simulation, SimulationOptions, simulation::fields};
use weft_domain::Result;

use super::{Settings, Simulator, Spoken};

/// Twilio as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let settings = Settings::default();
    let secrets = fields(json!({"auth_token": settings.auth_token}));
    let simulator = Simulator::new(settings)?;
    let (served, world) = (simulator.clone(), simulator.world.clone());
    let play = |stop| async move { simulator.play(options, stop).await };
    Ok(Simulation {
        kind: "voice-twilio",
        listen: "127.0.0.1:8103",
        webhook_by_hand: false,
        settings: account_settings,
        secrets,
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: world.play(|state| state.webhook.is_some(), play),
        transcript: world.transcript(|state| &state.spoken, line),
    })
}

fn account_settings(base: &str) -> Map<String, Value> {
    let settings = Settings::default();
    fields(json!({
        "account_sid": settings.account_sid,
        "from_number": settings.number,
        "api_base": base,
    }))
}

fn line(spoken: &Spoken) -> String {
    format!("to {}: {}", spoken.to, spoken.words)
}
