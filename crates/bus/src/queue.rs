//! The bounded queue before a writer: whoever comes while a batch is being written is in the next one.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use weft_domain::{Error, Result};

use crate::{Published, Settings, Stream, event::Outgoing, metering};

/// The most events that are written as one batch.
pub(crate) const MAX_BATCH: usize = 500;
/// The most bytes that are written as one batch, unless a single event is larger.
pub(crate) const MAX_BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Events of one caller, to be written together and in order.
pub(crate) struct Job {
    pub stream: Stream,
    pub events: Vec<Outgoing>,
    pub reply: oneshot::Sender<Result<Vec<Published>>>,
    _places: (OwnedSemaphorePermit, OwnedSemaphorePermit),
}

#[derive(Clone, Debug)]
pub(crate) struct Queue {
    name: &'static str,
    jobs: mpsc::Sender<Job>,
    places: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
    most: (usize, usize),
}

impl Queue {
    pub(crate) fn new(name: &'static str, settings: &Settings) -> (Self, mpsc::Receiver<Job>) {
        let most = (settings.queue_events.max(1), settings.queue_bytes.clamp(1, MAX_QUEUE_BYTES));
        let (jobs, receiver) = mpsc::channel(most.0);
        let (places, bytes) = (Arc::new(Semaphore::new(most.0)), Arc::new(Semaphore::new(most.1)));
        (Self { name, jobs, places, bytes, most }, receiver)
    }

    /// Waits until the events, at most a batch of them, are on disk; refuses them at once when the queue is full.
    pub(crate) async fn write(&self, stream: Stream, events: Vec<Outgoing>) -> Result<Vec<Published>> {
        let weight = events.iter().map(|outgoing| outgoing.event.weight()).sum::<usize>();
        let places = take(&self.places, events.len().min(self.most.0))?;
        let bytes = take(&self.bytes, weight.min(self.most.1))?;
        metering::queue_fullness(self.name, self.fullness());
        let (reply, answer) = oneshot::channel();
        let job = Job { stream, events, reply, _places: (places, bytes) };
        self.jobs.try_send(job).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => full(),
            mpsc::error::TrySendError::Closed(_) => closed(),
        })?;
        let published = answer.await.map_err(|_| unwritten())??;
        metering::queue_fullness(self.name, self.fullness());
        Ok(published)
    }

    fn fullness(&self) -> f64 {
        let share = |free: usize, most: usize| {
            let percent = u32::try_from((most - free.min(most)).saturating_mul(100) / most).unwrap_or(100);
            f64::from(percent) / 100.0
        };
        share(self.places.available_permits(), self.most.0)
            .max(share(self.bytes.available_permits(), self.most.1))
    }
}

const MAX_QUEUE_BYTES: usize = 1 << 30;

fn take(places: &Arc<Semaphore>, number: usize) -> Result<OwnedSemaphorePermit> {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    Arc::clone(places).try_acquire_many_owned(number).map_err(|_| full())
}

fn full() -> Error {
    Error::unavailable("bus_queue_full")
}

/// The writer gave no answer: the batch failed, or may have.
pub(crate) fn unwritten() -> Error {
    Error::unavailable("bus_write_failed")
}

pub(crate) fn closed() -> Error {
    Error::unavailable("bus_closed")
}

/// The jobs that are written next: `first` and what else is waiting, within the bounds of a batch.
pub(crate) struct Gathering {
    pub jobs: Vec<Job>,
    events: usize,
    bytes: usize,
}

impl Gathering {
    pub(crate) fn new() -> Self {
        Self { jobs: Vec::new(), events: 0, bytes: 0 }
    }

    pub(crate) fn push(&mut self, job: Job) {
        self.events += job.events.len();
        self.bytes += job.events.iter().map(|outgoing| outgoing.event.weight()).sum::<usize>();
        self.jobs.push(job);
    }

    /// Takes what waits; gives back the job that did not fit any more.
    pub(crate) fn fill(&mut self, waiting: &mut mpsc::Receiver<Job>) -> Option<Job> {
        while self.events < MAX_BATCH && self.bytes < MAX_BATCH_BYTES {
            let job = waiting.try_recv().ok()?;
            if self.events > 0 && self.events + job.events.len() > MAX_BATCH {
                return Some(job);
            }
            self.push(job);
        }
        None
    }
}
