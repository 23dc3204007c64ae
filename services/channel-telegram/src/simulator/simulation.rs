use futures::{StreamExt, stream};
use serde_json::{Map, Value, json};
use weft_channel::{Simulation, SimulationOptions};
use weft_domain::Result;

use super::{Sent, Settings, Simulator};

/// The Bot API as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let settings = Settings::default();
    let secrets = Map::from_iter([("bot_token".to_owned(), Value::from(settings.token.clone()))]);
    let simulator = Simulator::new(settings)?;
    let (served, played) = (simulator.clone(), simulator.clone());
    Ok(Simulation {
        kind: "telegram",
        listen: "127.0.0.1:8090",
        webhook_by_hand: false,
        settings: account_settings,
        secrets,
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: Box::new(move |stop| {
            Box::pin(async move {
                // nobody would hear them before the bot has said where it listens
                played.wait_until_connected().await;
                played.play(options, stop).await
            })
        }),
        transcript: stream::unfold((simulator, 0), next_sent).flat_map(stream::iter).boxed(),
    })
}

fn account_settings(base: &str) -> Map<String, Value> {
    Map::from_iter([("api_base".to_owned(), json!(base))])
}

async fn next_sent((simulator, seen): (Simulator, usize)) -> Option<(Vec<String>, (Simulator, usize))> {
    let (sent, total) = simulator.wait_for_sent_after(seen).await;
    Some((sent.iter().map(line).collect(), (simulator, total)))
}

fn line(sent: &Sent) -> String {
    let what = if sent.text.is_empty() { &sent.method } else { &sent.text };
    format!("bot to {}: {what}", sent.chat_id)
}

impl Simulator {
    /// Waits until a bot takes updates, by webhook or by polling.
    pub async fn wait_until_connected(&self) {
        self.wait(|state| (state.webhook.url.is_some() || state.poller > 0).then_some(())).await;
    }
}
