//! Which replicas share a consumer's parts. Each says once a second that it is there; whoever is silent for three is
//! not. From the same list everybody works out the same shares. Where lists differ for a moment, the server's pin still
//! lets only one client have a part (`docs/adr/0006`).

use std::{collections::BTreeMap, time::Duration};

use async_nats::{Client, Subscriber};
use bytes::Bytes;
use futures::StreamExt;
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use weft_domain::{Error, Result};

const BEAT: Duration = Duration::from_secs(1);
const SILENT: Duration = Duration::from_secs(3);
const GONE: &str = "gone ";

/// Says that this process is there, and listens for the others.
pub(crate) struct Members {
    client: Client,
    subject: String,
    me: String,
    others: Subscriber,
    seen: BTreeMap<String, Instant>,
    told: watch::Sender<Vec<String>>,
}

/// The members as they are known here.
pub(crate) struct Roll {
    me: String,
    members: watch::Receiver<Vec<String>>,
}

/// Whether one part is this process's to work on.
pub(crate) struct Turn {
    me: String,
    members: watch::Receiver<Vec<String>>,
    shard: usize,
}

impl Members {
    pub(crate) async fn join(client: Client, consumer: &str) -> Result<(Self, Roll)> {
        let subject = format!("weft.live.members.{consumer}");
        let others = client.subscribe(subject.clone()).await.map_err(failed)?;
        // Time-ordered, so that a newcomer is last and moves few parts.
        let me = Uuid::now_v7().to_string();
        let (told, members) = watch::channel(vec![me.clone()]);
        let roll = Roll { me: me.clone(), members };
        Ok((Self { client, subject, me, others, seen: BTreeMap::new(), told }, roll))
    }

    /// Until nobody here shares the work any more, or the bus is closed.
    pub(crate) async fn run(mut self, closed: CancellationToken) {
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = closed.cancelled() => break,
                () = self.told.closed() => break,
                _ = beats.tick() => {
                    self.say(self.me.clone()).await;
                    let now = Instant::now();
                    self.seen.retain(|_, heard| now.duration_since(*heard) < SILENT);
                    self.tell();
                }
                Some(message) = self.others.next() => {
                    // A consumer may be told to deliver anywhere; its messages keep the subject they were written to.
                    if message.subject.as_str() == self.subject {
                        self.hear(&message.payload).await;
                    }
                }
            }
        }
        self.say(format!("{GONE}{}", self.me)).await;
    }

    async fn hear(&mut self, payload: &[u8]) {
        let Ok(word) = std::str::from_utf8(payload) else { return };
        if let Some(gone) = word.strip_prefix(GONE) {
            self.seen.remove(gone);
        } else if word != self.me && word.len() == self.me.len() {
            // A newcomer has not heard of us yet.
            if self.seen.insert(word.to_owned(), Instant::now()).is_none() {
                self.say(self.me.clone()).await;
            }
        }
        self.tell();
    }

    fn tell(&self) {
        let mut all: Vec<String> = self.seen.keys().cloned().chain([self.me.clone()]).collect();
        all.sort_unstable();
        self.told.send_if_modified(|known| {
            let changed = *known != all;
            if changed {
                tracing::info!(subject = self.subject, members = all.len(), "the work is shared anew");
                *known = all;
            }
            changed
        });
    }

    async fn say(&self, word: String) {
        if let Err(error) = self.client.publish(self.subject.clone(), Bytes::from(word)).await {
            tracing::debug!(%error, "the other replicas were not told");
        }
    }
}

impl Roll {
    pub(crate) fn turn(&self, shard: u16) -> Turn {
        Turn { me: self.me.clone(), members: self.members.clone(), shard: usize::from(shard) }
    }
}

impl Turn {
    pub(crate) fn is_ours(&self) -> bool {
        owner(&self.members.borrow(), self.shard).is_none_or(|owner| *owner == self.me)
    }

    /// Waits until the part is ours.
    pub(crate) async fn come(&mut self) {
        self.wait(true).await;
    }

    /// Waits until the part is another's.
    pub(crate) async fn pass(&mut self) {
        self.wait(false).await;
    }

    async fn wait(&mut self, ours: bool) {
        let (me, shard) = (&self.me, self.shard);
        let wanted = |members: &Vec<String>| owner(members, shard).is_none_or(|owner| owner == me) == ours;
        if self.members.wait_for(wanted).await.is_err() {
            std::future::pending().await
        }
    }
}

fn owner(members: &[String], shard: usize) -> Option<&String> {
    members.get(shard.checked_rem(members.len())?)
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unavailable("bus_broker").with_source(error)
}
