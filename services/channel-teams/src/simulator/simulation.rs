use serde_json::{Map, Value, json};
use weft_channel::{Simulation, SimulationOptions, simulation::fields};
use weft_domain::Result;

use super::{APP_ID, APP_SECRET, Sent, Simulator};

/// The Bot Framework as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let simulator = Simulator::new()?;
    let (served, world) = (simulator.clone(), simulator.world.clone());
    let play = |stop| async move { simulator.play(options, stop).await };
    Ok(Simulation {
        kind: "teams",
        listen: "127.0.0.1:8099",
        webhook_by_hand: true,
        settings: account_settings,
        secrets: fields(json!({"app_secret": APP_SECRET})),
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: world.play(|state| state.webhook.is_some(), play),
        transcript: world.transcript(|state| &state.sent, line),
    })
}

/// The settings of an account of the simulated bot, given where it is.
fn account_settings(base: &str) -> Map<String, Value> {
    fields(json!({
        "app_id": APP_ID,
        "api_base": format!("{base}/teams/"),
        "login_base": base,
        "openid_metadata_url": format!("{base}/.well-known/openidconfiguration"),
    }))
}

fn line(sent: &Sent) -> String {
    let words = sent.activity.get("text").and_then(Value::as_str);
    let card = sent.activity.pointer("/attachments/0/content/body/0/text").and_then(Value::as_str);
    format!("bot in {}: {}", sent.conversation, words.or(card).unwrap_or("a picture"))
}
