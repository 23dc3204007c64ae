use tokio_util::sync::CancellationToken;
use weft_channel::{SimulationOptions, Turn, script::Line};
use weft_domain::Result;

use super::{Content, FileContent, Simulator};

/// The first customer's number; the others follow. Ofcom keeps it for films and examples.
const FIRST_NUMBER: u64 = 447_700_900_000;

impl Simulator {
    /// Lets customers write, until stopped; every third one shows a name only.
    pub async fn play(&self, options: SimulationOptions, stop: CancellationToken) -> Result<()> {
        let say = |turn: Turn<'_>| {
            let number = (FIRST_NUMBER + turn.customer).to_string();
            if turn.is_first {
                self.add_customer(&number, &turn.character.name);
                if turn.customer % 3 == 2 {
                    self.hide_number(&number);
                }
            }
            content(turn.line).map_or(Ok(()), |content| self.customer_says(&number, content).map(drop))
        };
        options.play("whatsapp", stop, say).await
    }
}

fn content(line: &Line) -> Option<Content> {
    let with = |caption: &String| FileContent { caption: caption.clone(), ..FileContent::default() };
    Some(match line {
        Line::Shows(caption) => Content::Image(with(caption)),
        Line::Sends(caption) => Content::Document(with(caption)),
        Line::IsAt(latitude, longitude) => Content::Location { latitude: *latitude, longitude: *longitude },
        other => Content::Text(other.in_words()?),
    })
}
