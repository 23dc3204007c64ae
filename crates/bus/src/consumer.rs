use std::{panic::AssertUnwindSafe, pin::pin, time::Duration};

use futures::FutureExt;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};
use weft_domain::Result;

use crate::{
    ConsumerSpec, Delivery, NewDeadLetter, Outcome,
    bus::Source,
    delivery::Fetched,
    metering,
    waiting::{Held, Waiting},
};

const MIN_RETRY: Duration = Duration::from_millis(50);
const AFTER_PANIC: Duration = Duration::from_secs(1);
const AFTER_FETCH_FAILED: Duration = Duration::from_millis(500);

/// A durable consumer, ready to run.
pub struct Consumer {
    source: Source,
    spec: ConsumerSpec,
    several_per_key: bool,
    exhausted_buried: bool,
    fetch_not_before: Option<Instant>,
}

impl Consumer {
    pub(crate) fn new(source: Source, spec: ConsumerSpec) -> Self {
        Self { source, spec, several_per_key: false, exhausted_buried: false, fetch_not_before: None }
    }

    /// Hands several events of one key in one batch, in order. The handler then keeps the order inside the batch:
    /// after an event it answers with `Retry`, it touches no later one of that key and answers those with `Retry`.
    #[must_use]
    pub fn several_per_key(mut self) -> Self {
        self.several_per_key = true;
        self
    }

    /// Hands batches to `handle` until `stop`, one at a time, and settles each event as its outcome says.
    ///
    /// One outcome per delivery, in the same order; a missing one or a panic is a retry. Replicas share a consumer's
    /// parts; of those that run one part, one works and the others stand by. Ends after the batch in flight is settled.
    pub async fn run<F, Fut>(mut self, stop: CancellationToken, handle: F) -> Result<()>
    where
        F: Fn(Vec<Delivery>) -> Fut + Send,
        Fut: Future<Output = Vec<Outcome>> + Send,
    {
        while let Some(started) = stop.run_until_cancelled(self.source.start()).await {
            match started {
                Ok(()) => self.work(&stop, &handle).await?,
                Err(error) if error.reason() == "bus_closed" || !error.code().is_transient() => {
                    return Err(error);
                }
                Err(error) => {
                    warn!(consumer = %self.spec.name, %error, "the bus does not answer");
                    stop.run_until_cancelled(sleep(AFTER_FETCH_FAILED)).await;
                }
            }
            if stop.is_cancelled() {
                break;
            }
        }
        Ok(())
    }

    /// Until `stop`, or until it is another replica's turn.
    async fn work<F, Fut>(&mut self, stop: &CancellationToken, handle: &F) -> Result<()>
    where
        F: Fn(Vec<Delivery>) -> Fut,
        Fut: Future<Output = Vec<Outcome>>,
    {
        let mut waiting = Waiting::new(self.spec.batch, self.spec.capacity(), self.several_per_key);
        let beat = self.spec.ack_wait / 3;
        let mut ticks = interval_at(Instant::now() + beat, beat);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while !stop.is_cancelled() && self.source.is_ours() {
            let wave = waiting.take_ready(Instant::now());
            metering::waiting(&self.spec.name, waiting.fullness());
            if !wave.is_empty() {
                self.handle_wave(handle, wave, &mut waiting, &mut ticks).await?;
                continue;
            }
            let (room, due) = (waiting.room(), waiting.next_due());
            tokio::select! {
                () = stop.cancelled() => {}
                _ = ticks.tick() => self.source.keep(waiting.iter()).await,
                () = until(due), if due.is_some() => {}
                fetched = fetch(&mut self.source, self.fetch_not_before, room) => self.take_in(fetched, &mut waiting).await?,
            }
        }
        self.source.release(waiting.drain()).await;
        Ok(())
    }

    async fn handle_wave<F, Fut>(
        &mut self,
        handle: &F,
        mut wave: Vec<Held>,
        waiting: &mut Waiting,
        ticks: &mut tokio::time::Interval,
    ) -> Result<()>
    where
        F: Fn(Vec<Delivery>) -> Fut,
        Fut: Future<Output = Vec<Outcome>>,
    {
        self.source.announce(&wave).await?;
        metering::delivered(&self.spec.name, wave.len());
        let deliveries = wave.iter().map(|held| held.delivery.clone()).collect();
        let work = async { handle(deliveries).await };
        let mut work = pin!(AssertUnwindSafe(work).catch_unwind());
        let outcomes = loop {
            let room = waiting.room().saturating_sub(wave.len());
            let ours = self.source.is_ours();
            tokio::select! {
                outcomes = &mut work => break outcomes,
                _ = ticks.tick() => self.source.keep(in_order(&wave, waiting)).await,
                // Whose turn has passed gets nothing, and gets it at once: asking again and again would keep the thread.
                fetched = fetch(&mut self.source, self.fetch_not_before, room), if ours => {
                    let mut fresh = Vec::new();
                    for held in self.sort_out(fetched).await? {
                        match wave.iter_mut().find(|mine| mine.place() == held.place()) {
                            Some(known) => known.ack_to = held.ack_to,
                            None => fresh.push(held),
                        }
                    }
                    fresh.into_iter().for_each(|held| waiting.put(held));
                }
            }
        };
        let panicked = outcomes.is_err();
        if panicked {
            error!(consumer = %self.spec.name, events = wave.len(), "a handler panicked");
        }
        self.settle(wave, outcomes.unwrap_or_default(), panicked, waiting).await
    }

    async fn settle(
        &mut self,
        wave: Vec<Held>,
        outcomes: Vec<Outcome>,
        panicked: bool,
        waiting: &mut Waiting,
    ) -> Result<()> {
        let mut outcomes = outcomes.into_iter();
        let mut done = Vec::new();
        let mut again = Vec::new();
        for mut held in wave {
            held.alone |= panicked;
            let outcome = outcomes.next().unwrap_or_else(|| missing(panicked));
            match self.weigh(&held, outcome) {
                Verdict::Done => done.push(held),
                Verdict::Again(after) => again.push(retried(held, after)),
                Verdict::Bury { reason, words } => match self.bury(&held, reason, words).await {
                    Ok(()) => done.push(Held { buried: true, ..held }),
                    Err(error) => {
                        error!(consumer = %self.spec.name, event.id = %held.delivery.event.id, %error, "dead letter not written");
                        again.push(Held { due: Some(Instant::now() + AFTER_PANIC), ..held });
                    }
                },
            }
        }
        self.source.attempted(&again).await?;
        again.into_iter().for_each(|held| waiting.put(held));
        fail::fail_point!("bus.ack.before");
        self.source.done(done).await?;
        fail::fail_point!("bus.ack.after");
        Ok(())
    }

    fn weigh(&self, held: &Held, outcome: Outcome) -> Verdict {
        let (attempts, id) = (held.delivery.attempts, &held.delivery.event.id);
        match outcome {
            Outcome::Done => Verdict::Done,
            Outcome::Dead { reason, words } => Verdict::Bury { reason, words },
            Outcome::Retry { reason, .. } if attempts >= self.spec.max_attempts => Verdict::Bury {
                words: format!("given up after {attempts} attempts; the last one ended with `{reason}`"),
                reason,
            },
            Outcome::Retry { after, reason } => {
                metering::retried(&self.spec.name);
                info!(consumer = %self.spec.name, event.id = %id, attempts, reason, "event will be retried");
                Verdict::Again(after)
            }
        }
    }

    async fn take_in(&mut self, fetched: Result<Vec<Fetched>>, waiting: &mut Waiting) -> Result<()> {
        for held in self.sort_out(fetched).await? {
            waiting.put(held);
        }
        Ok(())
    }

    /// Buries what nobody can handle; the rest goes on.
    async fn sort_out(&mut self, fetched: Result<Vec<Fetched>>) -> Result<Vec<Held>> {
        let fetched = match fetched {
            Ok(fetched) => fetched,
            Err(error) if error.reason() == "bus_closed" => return Err(error),
            Err(error) => {
                warn!(consumer = %self.spec.name, %error, cause = ?std::error::Error::source(&error), "fetching failed");
                self.fetch_not_before = Some(Instant::now() + AFTER_FETCH_FAILED);
                return Ok(Vec::new());
            }
        };
        let mut good = Vec::with_capacity(fetched.len());
        for mut event in fetched {
            let fault = event.fault.take();
            let exhausted = event.delivery.attempts > self.spec.max_attempts && !self.exhausted_buried;
            let held = Held::from(event);
            let buried = match fault {
                Some(fault) => self.bury(&held, "unreadable_event".into(), fault).await,
                // Only the first one: a broker counts every event that was out when a process died, and it is the
                // oldest of them that was being handled. The others go on, alone.
                None if exhausted => {
                    let words = "every attempt ended without an answer: the process died or hung".to_owned();
                    self.bury(&held, "attempts_exhausted".into(), words).await
                }
                None => {
                    good.push(held);
                    continue;
                }
            };
            self.exhausted_buried |= exhausted;
            match buried {
                Ok(()) => self.source.done(vec![Held { buried: true, ..held }]).await?,
                Err(error) => {
                    error!(consumer = %self.spec.name, %error, "dead letter not written; the event stays with the broker");
                }
            }
        }
        Ok(good)
    }

    async fn bury(&mut self, held: &Held, reason: String, words: String) -> Result<()> {
        let Delivery { event, cursor, attempts, .. } = &held.delivery;
        error!(consumer = %self.spec.name, event.id = %event.id, event.kind = %event.kind, attempts, reason, words, "event is a dead letter");
        metering::died(&self.spec.name, &reason);
        let letter = NewDeadLetter {
            source: self.spec.name.clone(),
            reason,
            words,
            attempts: *attempts,
            stream: Some(self.spec.stream),
            event: event.clone(),
        };
        self.source.bury(*cursor, letter).await
    }
}

enum Verdict {
    Done,
    Again(Duration),
    Bury { reason: String, words: String },
}

fn missing(panicked: bool) -> Outcome {
    let reason = if panicked { "handler_panicked" } else { "outcome_missing" };
    Outcome::Retry { after: AFTER_PANIC, reason: reason.into() }
}

fn retried(held: Held, after: Duration) -> Held {
    let delivery = Delivery { attempts: held.delivery.attempts.saturating_add(1), ..held.delivery };
    Held { delivery, due: Some(Instant::now() + after.max(MIN_RETRY)), ..held }
}

async fn fetch(source: &mut Source, not_before: Option<Instant>, room: usize) -> Result<Vec<Fetched>> {
    until(not_before).await;
    source.fetch(room).await
}

async fn until(due: Option<Instant>) {
    if let Some(due) = due {
        sleep_until(due).await;
    }
}

/// All that is out, oldest first: should the broker forget us, it gives an older event back before a later one.
fn in_order<'a>(wave: &'a [Held], waiting: &'a Waiting) -> impl Iterator<Item = &'a Held> {
    let mut all: Vec<&Held> = wave.iter().chain(waiting.iter()).collect();
    all.sort_unstable_by_key(|held| held.place());
    all.into_iter()
}
