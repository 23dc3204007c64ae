use tokio::sync::mpsc::channel;
use tokio_util::sync::CancellationToken;
use weft_channel::{SimulationOptions, Turn, script::Line};
use weft_domain::Result;

use super::{Plan, Simulator};

/// How many may wait until their call is put through.
const WAITING: usize = 100;

impl Simulator {
    /// Lets people call, until stopped.
    pub async fn play(&self, options: SimulationOptions, stop: CancellationToken) -> Result<()> {
        let (call, mut calls) = channel(WAITING);
        let take_turn = move |turn: Turn<'_>| {
            let from = format!("+1202557{:04}", turn.customer);
            if let Some(plan) = plan(turn.line) {
                // with more waiting the line is busy, and whoever calls gives up
                drop(call.try_send((from, plan)));
            }
            Ok(())
        };
        let calling = async {
            while let Some((from, plan)) = calls.recv().await {
                // a call that fails is seen in the state; others go on
                drop(self.call(&from, plan).await);
            }
        };
        let turns = options.play("voice-twilio", stop.clone(), take_turn);
        let (played, _) = tokio::join!(turns, stop.run_until_cancelled(calling));
        played
    }
}

/// Who speaks leaves a message; who hangs up is missed; the others want to be answered.
fn plan(line: &Line) -> Option<Plan> {
    let (message, answered) = match line {
        Line::Speaks => (true, false),
        Line::Does(word) if word == "hang_up" => (false, false),
        Line::Does(_) => return None,
        _ => (false, true),
    };
    Some(Plan { keys: "1".to_owned(), message, answered })
}
