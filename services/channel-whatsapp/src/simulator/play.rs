mod dialogues;

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use weft_domain::Error;

use super::{Content, FileContent, Simulator};
use dialogues::{DIALOGUES, Line};

/// The first customer's number; the others follow. Ofcom keeps it for films and examples.
const FIRST_NUMBER: u64 = 447_700_900_000;

/// How lively it gets.
#[derive(Clone, Copy, Debug)]
pub struct Play {
    /// How many customers write.
    pub customers: u32,
    /// How many messages a second, of all together.
    pub per_second: f64,
    /// Ends after so many messages; none goes on until stopped.
    pub messages: Option<u64>,
}

impl Simulator {
    /// Lets customers write, each through a little dialogue, again and again.
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
            if stop.run_until_cancelled(ticks.tick()).await.is_none() {
                return Ok(());
            }
            self.next_line(number % customers, number / customers)?;
        }
        Ok(())
    }

    fn next_line(&self, customer: u64, turn: u64) -> Result<(), Error> {
        let index = |count: u64, of: usize| usize::try_from(count).unwrap_or_default() % of;
        let Some(dialogue) = DIALOGUES.get(index(customer, DIALOGUES.len())) else { return Ok(()) };
        let number = (FIRST_NUMBER + customer).to_string();
        if turn == 0 {
            self.add_customer(&number, dialogue.name);
            // every third one shows a name only
            if customer % 3 == 2 {
                self.hide_number(&number);
            }
        }
        match dialogue.lines.get(index(turn, dialogue.lines.len())) {
            Some(line) => self.customer_says(&number, content(line)).map(drop),
            None => Ok(()),
        }
    }
}

fn content(line: &Line) -> Content {
    let with = |caption: &str| FileContent { caption: caption.to_owned(), ..FileContent::default() };
    match *line {
        Line::Says(text) => Content::Text(text.to_owned()),
        Line::Shows(caption) => Content::Image(with(caption)),
        Line::Sends(caption) => Content::Document(with(caption)),
        Line::IsAt(latitude, longitude) => Content::Location { latitude, longitude },
    }
}
