use tokio_util::sync::CancellationToken;
use weft_channel::{SimulationOptions, Turn, script::Line};
use weft_domain::Result;

use super::{Content, FileContent, Simulator};

/// The first customer's chat; the others follow.
const FIRST_CHAT: i64 = 1_000_000_001;

impl Simulator {
    /// Lets customers write, until stopped.
    pub async fn play(&self, options: SimulationOptions, stop: CancellationToken) -> Result<()> {
        let say = |turn: Turn<'_>| {
            let chat = FIRST_CHAT.saturating_add_unsigned(turn.customer);
            if turn.is_first {
                self.add_customer(chat, &turn.character.name, &turn.character.language);
            }
            content(turn.line).map_or(Ok(()), |content| self.customer_says(chat, content).map(drop))
        };
        options.play("telegram", stop, say).await
    }
}

fn content(line: &Line) -> Option<Content> {
    let with = |caption: &String| FileContent { caption: caption.clone(), ..FileContent::default() };
    Some(match line {
        Line::Starts => Content::Start(String::new()),
        Line::Shows(caption) => Content::Photo(with(caption)),
        Line::Sends(caption) => Content::Document(with(caption)),
        Line::Speaks => Content::Voice(FileContent::default()),
        Line::IsAt(latitude, longitude) => Content::Location { latitude: *latitude, longitude: *longitude },
        other => Content::Text(other.in_words()?),
    })
}
