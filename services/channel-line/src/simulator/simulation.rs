use futures::{StreamExt as _, stream};
use serde_json::{Map, Value, json};
use weft_channel::{Simulation, SimulationOptions};
use weft_domain::Result;

use super::{SECRET, Sent, Simulator, TOKEN};

/// The Messaging API as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let simulator = Simulator::new()?;
    let (served, played) = (simulator.clone(), simulator.clone());
    let secrets = json!({"channel_access_token": TOKEN, "channel_secret": SECRET});
    Ok(Simulation {
        kind: "line",
        listen: "127.0.0.1:8094",
        webhook_by_hand: false,
        settings: account_settings,
        secrets: secrets.as_object().cloned().unwrap_or_default(),
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: Box::new(move |stop| {
            Box::pin(async move {
                // nobody would hear them before the account has said where it listens
                played.wait_until_connected().await;
                played.play(options, stop).await
            })
        }),
        transcript: stream::unfold((simulator, 0), next_sent).flat_map(stream::iter).boxed(),
    })
}

fn account_settings(base: &str) -> Map<String, Value> {
    ["api_base", "data_base"].map(|name| (name.to_owned(), json!(base))).into_iter().collect()
}

async fn next_sent((simulator, seen): (Simulator, usize)) -> Option<(Vec<String>, (Simulator, usize))> {
    let sent = simulator.wait_for_sent(seen + 1).await;
    let lines = sent.iter().skip(seen).map(line).collect();
    Some((lines, (simulator, sent.len())))
}

fn line(sent: &Sent) -> String {
    let field = |name: &str| sent.message.get(name).and_then(Value::as_str);
    let what = field("text").or_else(|| field("title")).or_else(|| field("type")).unwrap_or_default();
    format!("account to {}: {what}", sent.to)
}
