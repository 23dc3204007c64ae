use tokio_util::sync::CancellationToken;
use weft_channel::{SimulationOptions, Turn, script::Line};
use weft_domain::Result;

use super::{Content, Ending, Simulator};

impl Simulator {
    /// Lets customers write and call, until stopped.
    pub async fn play(&self, options: SimulationOptions, stop: CancellationToken) -> Result<()> {
        let say = |turn: Turn<'_>| {
            let number = format!("+1202557{:04}", turn.customer);
            if turn.is_first {
                self.add_customer(&number, &turn.character.name);
            }
            content(turn.line).map_or(Ok(()), |content| self.customer(&number, &content).map(drop))
        };
        options.play("ringcentral", stop, say).await
    }
}

fn content(line: &Line) -> Option<Content> {
    Some(match line {
        Line::Shows(caption) => Content::Picture(caption.clone()),
        Line::Speaks => Content::Voicemail("Please call me back.".to_owned()),
        Line::Does(word) if word == "hang_up" => Content::Call(Ending::Missed),
        other => Content::Text(other.in_words()?),
    })
}
