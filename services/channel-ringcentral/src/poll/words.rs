use std::{collections::VecDeque, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use weft_channel::{Ignored, Inbound, Received, Retry, SendError, Transport, inbound};

use crate::{Account, api, inbound::transcript, media, wire::StoredMessage};

/// How often words are asked for, and how many at once: 5 of the 40 calls a minute of this group, in which messages are sent, too.
const EVERY: TimeDelta = TimeDelta::minutes(1);
const AT_ONCE: usize = 5;
/// So often is tried what fails; after that a voicemail stays without its words.
const TRIES: u32 = 5;
/// How many may wait.
const MOST: usize = 1000;
/// The most words of a voicemail that are read.
const MAX_CHARS: usize = 20_000;
/// A poll does more than this, and has a minute in all.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is said in voicemails, as far as RingCentral has written it down and we do not have it yet.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Words {
    wanted: VecDeque<Wanted>,
    due: DateTime<Utc>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Wanted {
    message: Value,
    failures: u32,
}

impl Words {
    /// Remembers a voicemail whose words are there to be fetched.
    pub(super) fn want(&mut self, account: &Account, record: &Value, now: DateTime<Utc>) -> Option<Ignored> {
        let message: StoredMessage = inbound::read(record).ok()?;
        let is_there = transcript(account, &message, now).is_some();
        if !is_there || self.wanted.iter().any(|one| one.message.get("id") == record.get("id")) {
            return None;
        }
        if self.wanted.len() >= MOST {
            return Some(Ignored::new("no_transcript", "too many voicemails wait for their words"));
        }
        self.wanted.push_back(Wanted { message: record.clone(), failures: 0 });
        None
    }

    /// Fetches some, when it is time. One that fails goes behind the others.
    pub(super) async fn fetch(
        &mut self,
        account: &Account,
        now: DateTime<Utc>,
        transport: &dyn Transport,
    ) -> Received {
        let mut received = Received::default();
        if self.due > now {
            return received;
        }
        for _ in 0..AT_ONCE {
            let Some(mut wanted) = self.wanted.pop_front() else { break };
            self.due = now + EVERY;
            let error = match words(account, &wanted.message, now, transport).await {
                Ok(event) => {
                    received.events.extend(event);
                    continue;
                }
                Err(error) => error.of_repeatable(),
            };
            match error.retry() {
                Retry::After(wait) => self.due = self.due.max(now + wait),
                Retry::Backoff if wanted.failures + 1 < TRIES => wanted.failures += 1,
                _ => {
                    let ignored = Ignored::new("no_transcript", "RingCentral does not give the words");
                    received.ignored.push(ignored);
                    continue;
                }
            }
            self.wanted.push_back(wanted);
            break;
        }
        received
    }
}

async fn words(
    account: &Account,
    record: &Value,
    now: DateTime<Utc>,
    transport: &dyn Transport,
) -> Result<Option<Inbound>, SendError> {
    let message: Option<StoredMessage> = inbound::read(record).ok();
    let Some((file, event)) = message.as_ref().and_then(|it| transcript(account, it, now)) else {
        return Ok(None);
    };
    let reply = api::call(media::call(account, &file.uri)?.timeout(PATIENCE), transport).await?;
    let text = String::from_utf8_lossy(&reply.body).chars().take(MAX_CHARS).collect();
    Ok(Some(event(text)))
}
