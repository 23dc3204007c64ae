use futures::{StreamExt as _, stream};
use serde_json::{Map, Value, json};
use weft_channel::{Simulation, SimulationOptions};
use weft_domain::Result;

use super::{SECRET, Sent, Simulator, TEAM, TOKEN};

/// Slack as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let simulator = Simulator::new()?;
    let (served, played) = (simulator.clone(), simulator.clone());
    let secrets = json!({"bot_token": TOKEN, "signing_secret": SECRET});
    Ok(Simulation {
        kind: "slack",
        listen: "127.0.0.1:8098",
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

fn account_settings(base: &str) -> Map<String, Value> {
    let settings = json!({"team_id": TEAM, "api_base": format!("{base}/api")});
    settings.as_object().cloned().unwrap_or_default()
}

async fn next_sent((simulator, seen): (Simulator, usize)) -> Option<(Vec<String>, (Simulator, usize))> {
    let sent = simulator.wait_for_sent(seen + 1).await;
    let lines = sent.iter().skip(seen).map(line).collect();
    Some((lines, (simulator, sent.len())))
}

fn line(sent: &Sent) -> String {
    let field = |name: &str| sent.message.get(name).and_then(Value::as_str);
    let what = field("text").or_else(|| field("initial_comment")).unwrap_or("a file");
    format!("app in {}: {what}", sent.channel)
}
