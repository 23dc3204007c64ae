use weft_channel::{Simulation, SimulationOptions};
use weft_domain::Result;

use super::{Sent, Settings, Simulator};

/// The Cloud API as `weft simulate` runs it.
pub fn simulation(options: SimulationOptions) -> Result<Simulation> {
    let settings = Settings::default();
    let secrets = settings.secrets();
    let simulator = Simulator::new(settings)?;
    let (served, world) = (simulator.clone(), simulator.world.clone());
    let play = |stop| async move { simulator.play(options, stop).await };
    Ok(Simulation {
        kind: "whatsapp",
        listen: "127.0.0.1:8091",
        webhook_by_hand: false,
        settings: |base| Settings::default().account(base),
        secrets,
        serve: Box::new(|listener, stop| Box::pin(async move { served.serve(listener, stop).await })),
        play: world.play(|state| state.webhook.is_some(), play),
        transcript: world.transcript(|state| &state.sent, line),
    })
}

fn line(sent: &Sent) -> String {
    let what = if sent.text.is_empty() { &sent.kind } else { &sent.text };
    format!("business to {}: {what}", sent.to)
}
