use std::{
    sync::{
        Arc, Mutex, RwLock,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use tokio::sync::watch;
use uuid::Uuid;

/// Everything a run has sent, by number: what was accepted when, and how often it was seen (TS-1).
pub struct Journal {
    run: String,
    begun: Instant,
    blocks: RwLock<Vec<Arc<Block>>>,
}

/// Which way messages go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From customers to agents.
    In,
    /// From agents to customers.
    Out,
}

/// The messages of one step, each meant to be sent at its time.
pub struct Block {
    /// Which way they go.
    pub way: Way,
    first: u64,
    rate: u32,
    starts: AtomicU64,
    marks: Vec<Mark>,
    latency: Mutex<Histogram<u64>>,
    seen: watch::Sender<u64>,
}

/// Microseconds since the journal began; 0: not yet.
#[derive(Default)]
struct Mark {
    posted: AtomicU64,
    accepted: AtomicU64,
    seen: AtomicU32,
}

impl Journal {
    /// An empty journal whose texts nobody else has.
    pub fn new() -> Arc<Self> {
        let run = Uuid::new_v4().simple().to_string();
        Arc::new(Self { run, begun: Instant::now(), blocks: RwLock::default() })
    }

    /// Plans `count` messages at `rate` a second; the first is meant for now.
    pub fn plan(&self, way: Way, rate: u32, count: usize) -> Arc<Block> {
        let mut blocks = self.blocks.write().unwrap();
        let first = blocks.last().map_or(1, |block| block.end());
        let block = Arc::new(Block {
            way,
            first,
            rate,
            starts: AtomicU64::new(self.now()),
            marks: std::iter::repeat_with(Mark::default).take(count).collect(),
            latency: Mutex::new(histogram()),
            seen: watch::Sender::new(0),
        });
        blocks.push(block.clone());
        block
    }

    /// All blocks, the oldest first.
    pub fn blocks(&self) -> Vec<Arc<Block>> {
        self.blocks.read().unwrap().clone()
    }

    /// The block with this number.
    pub fn block_of(&self, number: u64) -> Option<Arc<Block>> {
        let blocks = self.blocks.read().unwrap();
        blocks.iter().rev().find(|block| block.has(number)).cloned()
    }

    /// The text of a message.
    pub fn text(&self, number: u64) -> String {
        format!("load {} {number}", self.run)
    }

    /// The number of a message of this run.
    pub fn number(&self, text: &str) -> Option<u64> {
        text.strip_prefix("load ")?.strip_prefix(&self.run)?.trim_start().parse().ok()
    }

    /// The time, in microseconds since the journal began; never 0.
    pub fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_micros()).unwrap().max(1)
    }

    /// Notes that a message was seen where it was going.
    pub fn saw(&self, number: u64) {
        if let Some(block) = self.block_of(number) {
            block.saw(number, self.now());
        }
    }

    /// When this is on the clock.
    pub fn instant(&self, micros: u64) -> Instant {
        self.begun + Duration::from_micros(micros)
    }
}

impl Block {
    /// The numbers of its messages.
    pub fn numbers(&self) -> std::ops::Range<u64> {
        self.first..self.end()
    }

    /// How many are meant to be sent in a second.
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Whether a number is one of its.
    pub fn has(&self, number: u64) -> bool {
        self.numbers().contains(&number)
    }

    /// Begins now: what is meant for when follows from it.
    pub fn start(&self, now: u64) {
        self.starts.store(now, Relaxed);
    }

    /// When a message is meant to be sent; waiting begins there, whether it could be sent or not.
    pub fn meant(&self, number: u64) -> u64 {
        self.starts.load(Relaxed) + (number - self.first) * 1_000_000 / u64::from(self.rate)
    }

    /// Notes that a message goes out now.
    pub fn post(&self, number: u64, now: u64) {
        self.mark(number).posted.store(now, Relaxed);
    }

    /// Notes that somebody said yes to it.
    pub fn accept(&self, number: u64, now: u64) {
        self.mark(number).accepted.store(now, Relaxed);
    }

    fn saw(&self, number: u64, now: u64) {
        self.mark(number).seen.fetch_add(1, Relaxed);
        let waited = now.saturating_sub(self.meant(number)).max(1);
        self.latency.lock().unwrap().saturating_record(waited);
        self.seen.send_modify(|seen| *seen += 1);
    }

    /// When a message was posted, and when accepted.
    pub fn times(&self, number: u64) -> (u64, u64) {
        let mark = self.mark(number);
        (mark.posted.load(Relaxed), mark.accepted.load(Relaxed))
    }

    /// How often a message was seen.
    pub fn sightings(&self, number: u64) -> u32 {
        self.mark(number).seen.load(Relaxed)
    }

    /// How many were accepted.
    pub fn accepted(&self) -> u64 {
        let accepted = self.marks.iter().filter(|mark| mark.accepted.load(Relaxed) > 0);
        u64::try_from(accepted.count()).unwrap()
    }

    /// Waits until all that was accepted was seen this often, for at most `patience`; says whether it was.
    pub async fn all_seen(&self, times: u32, patience: Duration) -> bool {
        let mut seen = self.seen.subscribe();
        let enough = self.accepted() * u64::from(times);
        let all = seen.wait_for(|seen| *seen >= enough);
        tokio::time::timeout(patience, all).await.is_ok()
    }

    /// How long it took from when each was meant to be sent until it was seen, in microseconds.
    pub fn latency(&self) -> Histogram<u64> {
        self.latency.lock().unwrap().clone()
    }

    fn end(&self) -> u64 {
        self.first + u64::try_from(self.marks.len()).unwrap()
    }

    fn mark(&self, number: u64) -> &Mark {
        &self.marks[usize::try_from(number - self.first).unwrap()]
    }
}

/// From a microsecond to ten minutes, three digits.
pub(crate) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 600_000_000, 3).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_counts_from_when_a_message_was_meant_to_be_sent() {
        let journal = Journal::new();
        let first = journal.plan(Way::In, 10, 5);
        let second = journal.plan(Way::In, 100, 5);
        assert_eq!((first.numbers(), second.numbers()), (1..6, 6..11));
        second.start(1_000);
        assert_eq!(second.meant(8), 21_000);
        assert!(journal.block_of(8).unwrap().has(8));
        assert_eq!(journal.number(&journal.text(8)), Some(8));
        assert_eq!(Journal::new().number(&journal.text(8)), None, "another run's");
        second.accept(8, 1);
        second.saw(8, 521_000);
        assert_eq!((second.accepted(), second.sightings(8)), (1, 1));
        assert_eq!(second.latency().max() / 1_000, 500);
    }
}
