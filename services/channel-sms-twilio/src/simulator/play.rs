use tokio_util::sync::CancellationToken;
use weft_channel::{SimulationOptions, Turn, script::Line};
use weft_domain::Result;

use super::{Content, Simulator};

impl Simulator {
    /// Lets customers write, until stopped; every third one is on WhatsApp.
    pub async fn play(&self, options: SimulationOptions, stop: CancellationToken) -> Result<()> {
        let say = |turn: Turn<'_>| {
            let is_whatsapp = turn.customer % 3 == 2;
            let address =
                format!("{}+1202556{:04}", if is_whatsapp { "whatsapp:" } else { "" }, turn.customer);
            if turn.is_first {
                self.add_customer(&address, &turn.character.name);
            }
            let content = content(turn.line, is_whatsapp);
            content.map_or(Ok(()), |content| self.customer_says(&address, content).map(drop))
        };
        options.play("sms-twilio", stop, say).await
    }
}

fn content(line: &Line, is_whatsapp: bool) -> Option<Content> {
    Some(match line {
        Line::Shows(caption) => Content::Picture(caption.clone()),
        Line::IsAt(latitude, longitude) if is_whatsapp => {
            Content::Location { latitude: *latitude, longitude: *longitude }
        }
        other => Content::Text(other.in_words()?),
    })
}
