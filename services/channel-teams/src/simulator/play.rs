use tokio_util::sync::CancellationToken;
use weft_channel::{SimulationOptions, Turn, script::Line};
use weft_domain::Result;

use super::{Says, Simulator};

impl Simulator {
    /// Lets people write, until stopped.
    pub async fn play(&self, options: SimulationOptions, stop: CancellationToken) -> Result<()> {
        let say = |turn: Turn<'_>| {
            let user = format!("29:1Sim{:05}", turn.customer);
            if turn.is_first {
                self.add_person(&user, &turn.character.name);
            }
            if let Some(says) = said(turn.line) {
                self.customer_says(&user, says);
            }
            Ok(())
        };
        options.play("teams", stop, say).await
    }
}

fn said(line: &Line) -> Option<Says> {
    Some(match line {
        Line::Starts => Says::Install,
        Line::Shows(_) => Says::Picture,
        Line::Sends(_) => Says::File,
        Line::Does(word) if word == "mention" => Says::Channel("can somebody help me?".to_owned()),
        other => Says::Text(other.in_words()?),
    })
}
