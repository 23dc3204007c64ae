use futures::{StreamExt as _, stream};
use serde_json::{Map, Value, json};
use weft_channel::{Simulation, SimulationOptions};
use weft_domain::Result;

use super::{CLIENT_ID, CLIENT_SECRET, JWT, NUMBER, Sent, Simulator};

/// RingCentral as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let simulator = Simulator::new()?;
    let (served, played) = (simulator.clone(), simulator.clone());
    let secrets = json!({"client_secret": CLIENT_SECRET, "jwt": JWT});
    Ok(Simulation {
        kind: "ringcentral",
        listen: "127.0.0.1:8097",
        webhook_by_hand: false,
        settings: account_settings,
        secrets: secrets.as_object().cloned().unwrap_or_default(),
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: Box::new(move |stop| {
            Box::pin(async move {
                // nobody would hear them before
                played.wait_until_connected().await;
                played.play(options, stop).await
            })
        }),
        transcript: stream::unfold((simulator, 0), next_sent).flat_map(stream::iter).boxed(),
    })
}

fn account_settings(base: &str) -> Map<String, Value> {
    let settings =
        json!({"client_id": CLIENT_ID, "from_number": NUMBER, "api_base": base, "media_base": base});
    settings.as_object().cloned().unwrap_or_default()
}

async fn next_sent((simulator, seen): (Simulator, usize)) -> Option<(Vec<String>, (Simulator, usize))> {
    let (sent, total) = simulator.wait_for_sent_after(seen).await;
    Some((sent.iter().map(line).collect(), (simulator, total)))
}

fn line(sent: &Sent) -> String {
    let to = sent.to.join(", ");
    match (&sent.rang_first, &sent.file) {
        (Some(ours), _) => format!("called {to} from {ours}"),
        (None, Some((name, ..))) => format!("to {to}: {} [{name}]", sent.text),
        (None, None) => format!("to {to}: {}", sent.text),
    }
}
