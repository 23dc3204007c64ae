use tokio_util::sync::CancellationToken;
use weft_channel::{SimulationOptions, Turn, script::Line};
use weft_domain::Result;

use super::{Says, Simulator};

impl Simulator {
    /// Lets customers write, until stopped.
    pub async fn play(&self, options: SimulationOptions, stop: CancellationToken) -> Result<()> {
        let say = |turn: Turn<'_>| {
            let user = format!("{:011}=", turn.customer);
            if turn.is_first {
                self.add_customer(&user, &turn.character.name);
            }
            if let Some(says) = said(turn.line) {
                self.customer_says(&user, says);
            }
            Ok(())
        };
        options.play("viber", stop, say).await
    }
}

fn said(line: &Line) -> Option<Says> {
    Some(match line {
        Line::Starts => Says::Opens("shop".to_owned()),
        Line::Shows(caption) => Says::Picture(caption.clone()),
        Line::IsAt(latitude, longitude) => Says::Location(*latitude, *longitude),
        Line::Sticker => Says::Sticker(46_105),
        other => Says::Text(other.in_words()?),
    })
}
