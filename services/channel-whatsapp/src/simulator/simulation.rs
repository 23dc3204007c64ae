use futures::{StreamExt as _, stream};
use serde_json::{Map, Value};
use weft_channel::{Simulation, SimulationOptions};
use weft_domain::Result;

use super::{Sent, Settings, Simulator};

/// The Cloud API as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let settings = Settings::default();
    let secrets = settings.secrets();
    let simulator = Simulator::new(settings)?;
    let (served, played) = (simulator.clone(), simulator.clone());
    Ok(Simulation {
        kind: "whatsapp",
        listen: "127.0.0.1:8091",
        webhook_by_hand: false,
        settings: account_settings,
        secrets,
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: Box::new(move |stop| {
            Box::pin(async move {
                // nobody would hear them before the business has said where it listens
                played.wait_until_connected().await;
                played.play(options, stop).await
            })
        }),
        transcript: stream::unfold((simulator, 0), next_sent).flat_map(stream::iter).boxed(),
    })
}

fn account_settings(base: &str) -> Map<String, Value> {
    Settings::default().account(base)
}

async fn next_sent((simulator, seen): (Simulator, usize)) -> Option<(Vec<String>, (Simulator, usize))> {
    let (sent, total) = simulator.wait_for_sent_after(seen).await;
    Some((sent.iter().map(line).collect(), (simulator, total)))
}

fn line(sent: &Sent) -> String {
    let what = if sent.text.is_empty() { &sent.kind } else { &sent.text };
    format!("business to {}: {what}", sent.to)
}
