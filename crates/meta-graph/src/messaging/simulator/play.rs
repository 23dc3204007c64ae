use tokio_util::sync::CancellationToken;
use weft_channel::{SimulationOptions, Turn, script::Line};
use weft_domain::Result;

use super::{Content, Simulator};

/// The first customer's id; the others follow.
const FIRST_CUSTOMER: u64 = 7_000_000_000_000_000;

impl Simulator {
    /// Lets the customers of this kind of channel write, until stopped.
    pub async fn play(&self, kind: &str, options: SimulationOptions, stop: CancellationToken) -> Result<()> {
        let say = |turn: Turn<'_>| {
            let id = (FIRST_CUSTOMER + turn.customer).to_string();
            if turn.is_first {
                self.add_customer(&id, &turn.character.name);
            }
            let content = content(turn.line, self.settings.rules.stories);
            content.map_or(Ok(()), |content| self.customer_says(&id, content).map(drop))
        };
        options.play(kind, stop, say).await
    }
}

fn content(line: &Line, stories: bool) -> Option<Content> {
    Some(match line {
        Line::Shows(_) => Content::Image {},
        Line::Sends(_) => Content::File {},
        Line::Does(word) if stories => match word.as_str() {
            "story_reply" => Content::StoryReply { text: "I love it! 😍".to_owned() },
            "story_mention" => Content::StoryMention {},
            _ => return None,
        },
        other => Content::Text(other.in_words()?),
    })
}
