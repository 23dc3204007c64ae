use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use weft_domain::Error;

use super::{Content, Simulator};

/// The first customer's id; the others follow.
const FIRST_CUSTOMER: u64 = 7_000_000_000_000_000;

/// How lively it gets.
#[derive(Clone, Copy, Debug)]
pub struct Play {
    /// How many customers write.
    pub customers: u32,
    /// How many messages a second, of all together.
    pub per_second: f64,
    /// Ends after so many messages; none goes on until stopped.
    pub messages: Option<u64>,
    /// What they say, one after the other.
    pub dialogues: &'static [Dialogue],
}

/// What one kind of customer goes through.
#[derive(Clone, Copy, Debug)]
pub struct Dialogue {
    /// Their name.
    pub name: &'static str,
    /// What they do.
    pub lines: &'static [Line],
}

/// One thing a customer does.
#[derive(Clone, Copy, Debug)]
pub enum Line {
    /// Writes.
    Says(&'static str),
    /// Sends a picture.
    Shows,
    /// Sends a document.
    Sends,
    /// Answers a story.
    AnswersStory(&'static str),
    /// Mentions the business in a story.
    Mentions,
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
            self.next_line(play.dialogues, number % customers, number / customers)?;
        }
        Ok(())
    }

    fn next_line(&self, dialogues: &[Dialogue], customer: u64, turn: u64) -> Result<(), Error> {
        let index = |count: u64, of: usize| usize::try_from(count).unwrap_or_default() % of.max(1);
        let Some(dialogue) = dialogues.get(index(customer, dialogues.len())) else { return Ok(()) };
        let id = (FIRST_CUSTOMER + customer).to_string();
        if turn == 0 {
            self.add_customer(&id, dialogue.name);
        }
        match dialogue.lines.get(index(turn, dialogue.lines.len())) {
            Some(line) => self.customer_says(&id, content(line)).map(drop),
            None => Ok(()),
        }
    }
}

fn content(line: &Line) -> Content {
    match *line {
        Line::Says(text) => Content::Text(text.to_owned()),
        Line::Shows => Content::Image {},
        Line::Sends => Content::File {},
        Line::AnswersStory(text) => Content::StoryReply { text: text.to_owned() },
        Line::Mentions => Content::StoryMention {},
    }
}
