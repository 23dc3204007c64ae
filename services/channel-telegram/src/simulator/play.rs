mod dialogues;

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use weft_domain::Error;

use super::{Content, FileContent, Simulator};
use dialogues::{DIALOGUES, Line};

/// How lively it gets.
#[derive(Clone, Copy, Debug)]
pub struct Play {
    /// How many customers write.
    pub customers: u32,
    /// How many messages a second, of all together.
    pub per_second: f64,
    /// The first customer's chat; the others follow.
    pub first_chat: i64,
    /// Ends after so many messages; none goes on until stopped.
    pub messages: Option<u64>,
}

impl Default for Play {
    fn default() -> Self {
        Self { customers: 20, per_second: 1.0, first_chat: 1_000_000_001, messages: None }
    }
}

impl Simulator {
    /// Lets customers write, each through a little dialogue in a language of theirs, again and again.
    pub async fn play(&self, play: Play, stop: CancellationToken) -> Result<(), Error> {
        let pause = Duration::try_from_secs_f64(1.0 / play.per_second)
            .ok()
            .filter(|pause| !pause.is_zero())
            .ok_or_else(|| Error::invalid_field("per_second", "it must be more than 0"))?;
        let mut ticks = interval(pause);
        // a busy machine catches up, so that the rate holds
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let customers = u64::from(play.customers.max(1));
        for number in 0..play.messages.unwrap_or(u64::MAX) {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                _ = ticks.tick() => self.next_line(play.first_chat, number % customers, number / customers)?,
            }
        }
        Ok(())
    }

    fn next_line(&self, first_chat: i64, customer: u64, turn: u64) -> Result<(), Error> {
        let index = usize::try_from(customer).unwrap_or_default();
        let Some(dialogue) = DIALOGUES.iter().cycle().nth(index % DIALOGUES.len()) else { return Ok(()) };
        let chat = first_chat.saturating_add_unsigned(customer);
        if turn == 0 {
            let name = dialogue.names.iter().cycle().nth(index / DIALOGUES.len() % dialogue.names.len());
            self.add_customer(chat, name.unwrap_or(&"Customer"), dialogue.language);
        }
        let turn = usize::try_from(turn).unwrap_or_default() % dialogue.lines.len();
        let Some(line) = dialogue.lines.get(turn) else { return Ok(()) };
        self.customer_says(chat, content(line)).map(drop)
    }
}

fn content(line: &Line) -> Content {
    match *line {
        Line::Start => Content::Start(String::new()),
        Line::Says(text) => Content::Text(text.to_owned()),
        Line::Shows(caption) => {
            Content::Photo(FileContent { caption: caption.to_owned(), ..FileContent::default() })
        }
        Line::Sends(caption) => {
            Content::Document(FileContent { caption: caption.to_owned(), ..FileContent::default() })
        }
        Line::Speaks => Content::Voice(FileContent::default()),
        Line::IsAt(latitude, longitude) => Content::Location { latitude, longitude },
    }
}
