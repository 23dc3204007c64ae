use futures::{StreamExt as _, stream};
use serde_json::json;
use weft_channel::{Simulation, SimulationOptions};
use weft_domain::Result;

use super::{PASSWORD, Sent, Simulator, account_settings};

/// The mail system as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let simulator = Simulator::new();
    let (served, played) = (simulator.clone(), simulator.clone());
    Ok(Simulation {
        kind: "email",
        listen: "127.0.0.1:8110",
        webhook_by_hand: false,
        settings: account_settings,
        secrets: json!({"password": PASSWORD}).as_object().cloned().unwrap_or_default(),
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: Box::new(move |stop| {
            Box::pin(async move {
                // nobody would read them before the account has signed in
                played.wait_until_connected().await;
                played.play(options, stop).await
            })
        }),
        transcript: stream::unfold((simulator, 0), next_sent).flat_map(stream::iter).boxed(),
    })
}

async fn next_sent((simulator, seen): (Simulator, usize)) -> Option<(Vec<String>, (Simulator, usize))> {
    let sent = simulator.wait_for_sent(seen + 1).await;
    let lines = sent.iter().skip(seen).map(line).collect();
    Some((lines, (simulator, sent.len())))
}

fn line(sent: &Sent) -> String {
    let first = sent.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    format!("support to {}: {} — {first}", sent.to.join(", "), sent.subject)
}
