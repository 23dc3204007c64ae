//! What adapter and provider said to each other, gathered for a second and put on the bus. It may be left out, and so it slows
//! nothing down: noting is a moment under a lock, and what has no room is counted and dropped.

mod brought;
mod call_notes;
mod note;
mod plain_words;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::sleep};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_bus::{Bus, Event, Stream, subject};
use weft_domain::Result;
use weft_proto::{
    channel::v1::{ChannelLogged, Noted},
    directory::v1::channel_log_entry::{Direction, Outcome},
    json,
};

pub(crate) use self::{
    brought::Brought,
    call_notes::{CallNotes, Ended},
    note::Note,
};
use self::{note::Kind, plain_words::plain};
use super::{core::Core, metering};
use crate::Adapter;

/// What goes well in this time is one line.
const WINDOW: Duration = Duration::from_secs(1);
/// So many failures of one kind, in one account and window, are lines of their own; more are counted in the last of them.
const WHOLE_FAILURES: usize = 10;
/// The most lines that wait; about 2 MB.
const MOST: usize = 5_000;
/// Lines of one event on the bus: about 200 kB.
const AT_ONCE: usize = 500;

/// The lines that wait to be published.
#[derive(Default)]
pub(crate) struct ChannelLog {
    gathered: Mutex<Gathered>,
    begun: Notify,
}

#[derive(Default)]
struct Gathered {
    lines: Vec<Noted>,
    latest: HashMap<Kind, Latest>,
    dropped: u64,
}

/// The newest line of a kind, and how many there are of it.
struct Latest {
    index: usize,
    lines: usize,
}

impl ChannelLog {
    /// Notes a line, or counts it in one like it.
    pub(crate) fn note(&self, note: Note) {
        let mut gathered = self.lock();
        gathered.add(note);
        if gathered.lines.len() == 1 {
            self.begun.notify_one();
        }
    }

    fn take(&self) -> Gathered {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gathered {
    fn add(&mut self, note: Note) {
        // whoever knows the address can have webhooks refused, as often as they like
        let most = match (note.direction, note.outcome) {
            (_, Outcome::Ok) | (Direction::Inbound, Outcome::Refused) => 1,
            _ => WHOLE_FAILURES,
        };
        let latest = self.latest.get(&note.kind());
        if let Some(like) = latest.filter(|latest| latest.lines >= most)
            && let Some(line) = self.lines.get_mut(like.index)
        {
            return note.count_in(line);
        }
        if self.lines.len() >= MOST {
            self.dropped += 1;
            return;
        }
        let index = self.lines.len();
        let lines = latest.map_or(0, |latest| latest.lines) + 1;
        self.latest.insert(note.kind(), Latest { index, lines });
        self.lines.push(note.line());
    }
}

impl<A: Adapter> Core<A> {
    /// Publishes what gathers, until the process stops. While nothing happens it does nothing.
    pub(crate) async fn publish_log(self: std::sync::Arc<Self>, stop: CancellationToken) {
        while stop.run_until_cancelled(self.log.begun.notified()).await.is_some() {
            stop.run_until_cancelled(sleep(WINDOW)).await;
            publish(&self.bus, self.descriptor.kind, self.log.take()).await;
        }
        publish(&self.bus, self.descriptor.kind, self.log.take()).await;
    }
}

async fn publish(bus: &Bus, kind: &'static str, gathered: Gathered) {
    let Gathered { lines, dropped, .. } = gathered;
    metering::log_dropped(kind, dropped);
    let all = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    if all == 0 {
        return;
    }
    let published = async {
        let events = lines.chunks(AT_ONCE).map(|lines| event(kind, lines.to_vec()));
        bus.publish_all(Stream::Log, events.collect::<Result<_>>()?).await
    };
    match published.await {
        Ok(_) => metering::logged(kind, all),
        Err(error) => {
            tracing::debug!(channel.kind = kind, %error, lines = all, "lines of the channel log were dropped");
            metering::log_dropped(kind, all);
        }
    }
}

fn event(kind: &'static str, entries: Vec<Noted>) -> Result<Event> {
    let id = Uuid::now_v7().to_string();
    Ok(Event {
        kind: "weft.v1.channel.logged".to_owned(),
        source: format!("/channel-{kind}"),
        subject: subject::log(kind)?,
        key: id.clone(),
        id,
        tenant: None,
        time: chrono::Utc::now(),
        traceparent: None,
        tracestate: None,
        data: json::encode(&ChannelLogged { entries })?,
    })
}

#[cfg(test)]
mod tests;
