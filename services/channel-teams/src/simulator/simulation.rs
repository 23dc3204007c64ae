use futures::{StreamExt as _, stream};
use serde_json::{Map, Value, json};
use weft_channel::{Simulation, SimulationOptions};
use weft_domain::Result;

use super::{APP_ID, APP_SECRET, Sent, Simulator};

/// The Bot Framework as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let simulator = Simulator::new()?;
    let (served, played) = (simulator.clone(), simulator.clone());
    let secrets = json!({"app_secret": APP_SECRET});
    Ok(Simulation {
        kind: "teams",
        listen: "127.0.0.1:8099",
        webhook_by_hand: true,
        settings: account_settings,
        secrets: secrets.as_object().cloned().unwrap_or_default(),
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: Box::new(move |stop| {
            Box::pin(async move {
                // nobody would hear them before somebody has said where to call
                played.wait_until_connected().await;
                played.play(options, stop).await
            })
        }),
        transcript: stream::unfold((simulator, 0), next_sent).flat_map(stream::iter).boxed(),
    })
}

/// The settings of an account of the simulated bot, given where it is.
fn account_settings(base: &str) -> Map<String, Value> {
    let settings = json!({
        "app_id": APP_ID,
        "api_base": format!("{base}/teams/"),
        "login_base": base,
        "openid_metadata_url": format!("{base}/.well-known/openidconfiguration"),
    });
    settings.as_object().cloned().unwrap_or_default()
}

async fn next_sent((simulator, seen): (Simulator, usize)) -> Option<(Vec<String>, (Simulator, usize))> {
    let sent = simulator.wait_for_sent(seen + 1).await;
    let lines = sent.iter().skip(seen).map(line).collect();
    Some((lines, (simulator, sent.len())))
}

fn line(sent: &Sent) -> String {
    let words = sent.activity.get("text").and_then(Value::as_str);
    let card = sent.activity.pointer("/attachments/0/content/body/0/text").and_then(Value::as_str);
    format!("bot in {}: {}", sent.conversation, words.or(card).unwrap_or("a picture"))
}
