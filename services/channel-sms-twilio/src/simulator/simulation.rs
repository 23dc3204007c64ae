use serde_json::{Map, Value, json};
use weft_channel::{Simulation, SimulationOptions, simulation::fields};
use weft_domain::Result;

use super::{Sent, Settings, Simulator};

/// Twilio as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let settings = Settings::default();
    let secrets = json!({
        "auth_token": settings.auth_token,
        "secondary_auth_token": settings.secondary_auth_token,
    });
    let simulator = Simulator::new(settings)?;
    let (served, world) = (simulator.clone(), simulator.world.clone());
    let play = |stop| async move { simulator.play(options, stop).await };
    Ok(Simulation {
        kind: "sms-twilio",
        listen: "127.0.0.1:8096",
        webhook_by_hand: false,
        settings: account_settings,
        secrets: fields(secrets),
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: world.play(|state| state.webhook.is_some(), play),
        transcript: world.transcript(|state| &state.sent, line),
    })
}

fn account_settings(base: &str) -> Map<String, Value> {
    let settings = Settings::default();
    fields(json!({
        "account_sid": settings.account_sid,
        "from_number": settings.number,
        "whatsapp_sender": settings.number,
        "api_base": base,
        "messaging_api_base": base,
    }))
}

fn line(sent: &Sent) -> String {
    let files = sent.media.iter().map(|url| format!(" [{url}]")).collect::<String>();
    format!("to {}: {}{files}", sent.to, sent.body)
}
