use tokio_util::sync::CancellationToken;
use weft_channel::{SimulationOptions, Turn, script::Line};
use weft_domain::Result;

use super::{Says, Simulator};

impl Simulator {
    /// Lets customers write, until stopped.
    pub async fn play(&self, options: SimulationOptions, stop: CancellationToken) -> Result<()> {
        let say = |turn: Turn<'_>| {
            let user = format!("U{:032x}", turn.customer);
            if turn.is_first {
                self.add_customer(&user, &turn.character.name);
            }
            if let Some(says) = said(turn.line) {
                self.customer_says(&user, says);
            }
            Ok(())
        };
        options.play("line", stop, say).await
    }
}

fn said(line: &Line) -> Option<Says> {
    Some(match line {
        Line::Starts => Says::Follow,
        Line::Shows(_) => Says::Image,
        Line::IsAt(latitude, longitude) => Says::Location(*latitude, *longitude),
        Line::Sticker => Says::Sticker(vec!["thank you".to_owned(), "bow".to_owned()]),
        other => Says::Text(other.in_words()?),
    })
}
