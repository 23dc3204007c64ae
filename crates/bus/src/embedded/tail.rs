//! The youngest events of a stream, in memory: who keeps up never reads the file.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::watch;

use super::rows::Stored;

const MAX_EVENTS: usize = 4_096;
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// What readers need to know of one stream.
#[derive(Debug)]
pub(crate) struct Tail {
    head: watch::Sender<u64>,
    first: AtomicU64,
    recent: Mutex<Recent>,
}

#[derive(Debug, Default)]
struct Recent {
    // Without gaps: cursors are handed out by one writer.
    events: VecDeque<Arc<Stored>>,
    bytes: usize,
}

impl Tail {
    pub(crate) fn new(first: u64, last: u64) -> Self {
        Self { head: watch::Sender::new(last), first: AtomicU64::new(first), recent: Mutex::default() }
    }

    pub(crate) fn head(&self) -> watch::Receiver<u64> {
        self.head.subscribe()
    }

    /// The last cursor given out.
    pub(crate) fn last(&self) -> u64 {
        *self.head.borrow()
    }

    /// The oldest cursor that can still be read.
    pub(crate) fn first(&self) -> u64 {
        self.first.load(Ordering::Acquire)
    }

    pub(crate) fn set_first(&self, first: u64) {
        self.first.store(first, Ordering::Release);
    }

    /// Adds what was just committed, then wakes who waits.
    pub(crate) fn append(&self, events: Vec<Stored>) {
        let Some(last) = events.last().map(|stored| stored.cursor) else { return };
        let mut recent = self.recent();
        for stored in events {
            recent.bytes += stored.event.weight();
            recent.events.push_back(Arc::new(stored));
        }
        while recent.events.len() > MAX_EVENTS || recent.bytes > MAX_BYTES {
            let Some(oldest) = recent.events.pop_front() else { break };
            recent.bytes -= oldest.event.weight();
        }
        drop(recent);
        self.head.send_replace(last);
    }

    /// Up to `most` events from `from` to `to` that `wanted` accepts, and where to go on; `None` when `from` is only in the file.
    pub(crate) fn read(
        &self,
        from: u64,
        to: u64,
        most: usize,
        wanted: impl Fn(&Stored) -> bool,
    ) -> Option<(Vec<Arc<Stored>>, u64)> {
        let recent = self.recent();
        let oldest = recent.events.front()?.cursor;
        let skip = usize::try_from(from.checked_sub(oldest)?).ok()?;
        let mut found = Vec::new();
        let mut next = from;
        for stored in recent.events.iter().skip(skip).take_while(|stored| stored.cursor <= to) {
            if found.len() == most {
                break;
            }
            next = stored.cursor + 1;
            if wanted(stored) {
                found.push(Arc::clone(stored));
            }
        }
        Some((found, next))
    }

    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
