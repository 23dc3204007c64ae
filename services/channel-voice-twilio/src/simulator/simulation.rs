use futures::{StreamExt as _, stream};
use serde_json::{Map, Value, json};
use weft_channel::{Simulation, SimulationOptions};
use weft_domain::Result;

use super::{Settings, Simulator, Spoken};

/// Twilio as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let settings = Settings::default();
    let secrets = [("auth_token".to_owned(), Value::from(settings.auth_token.clone()))];
    let simulator = Simulator::new(settings)?;
    let (served, played) = (simulator.clone(), simulator.clone());
    Ok(Simulation {
        kind: "voice-twilio",
        listen: "127.0.0.1:8103",
        webhook_by_hand: false,
        settings: account_settings,
        secrets: Map::from_iter(secrets),
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: Box::new(move |stop| {
            Box::pin(async move {
                // nobody would hear them before
                played.wait_until_connected().await;
                played.play(options, stop).await
            })
        }),
        transcript: stream::unfold((simulator, 0), next_spoken).flat_map(stream::iter).boxed(),
    })
}

fn account_settings(base: &str) -> Map<String, Value> {
    let settings = Settings::default();
    let fields = [
        ("account_sid", json!(settings.account_sid)),
        ("from_number", json!(settings.number)),
        ("api_base", json!(base)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn next_spoken((simulator, seen): (Simulator, usize)) -> Option<(Vec<String>, (Simulator, usize))> {
    let (spoken, total) = simulator.wait_for_spoken_after(seen).await;
    Some((spoken.iter().map(line).collect(), (simulator, total)))
}

fn line(spoken: &Spoken) -> String {
    format!("to {}: {}", spoken.to, spoken.words)
}
