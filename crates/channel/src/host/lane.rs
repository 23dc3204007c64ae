use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use moka::future::Cache;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The lanes of all accounts: what one account takes, the others do not wait for.
pub(crate) struct Lanes {
    lanes: Cache<String, Arc<Lane>>,
    width: usize,
}

/// What one account has in hand.
pub(crate) struct Lane {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    most_waiting: usize,
    paused_until: Mutex<Option<Instant>>,
}

impl Lanes {
    pub(crate) fn new(width: usize) -> Self {
        let lanes = Cache::builder().max_capacity(100_000).time_to_idle(Duration::from_secs(3600)).build();
        Self { lanes, width: width.max(1) }
    }

    pub(crate) async fn of(&self, account: &str) -> Arc<Lane> {
        self.lanes.get_with(account.to_owned(), async { Arc::new(Lane::new(self.width)) }).await
    }
}

impl Lane {
    fn new(width: usize) -> Self {
        Self {
            free: Arc::new(Semaphore::new(width)),
            waiting: AtomicUsize::new(0),
            most_waiting: width * 4,
            paused_until: Mutex::default(),
        }
    }

    /// Waits for a place; none when too many wait already.
    pub(crate) async fn enter(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Some(permit);
        }
        let _waiting = Waiting::enter(&self.waiting, self.most_waiting)?;
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// The provider asked to wait.
    pub(crate) fn pause(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut paused = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        *paused = Some(paused.map_or(until, |known| known.max(until)));
    }

    /// How long the provider still has to be left alone.
    pub(crate) fn paused_for(&self) -> Option<Duration> {
        let until = (*self.paused_until.lock().unwrap_or_else(PoisonError::into_inner))?;
        Some(until.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }
}

/// A place in the queue, free again when dropped.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(waiting: &'a AtomicUsize, most: usize) -> Option<Self> {
        let before = waiting.fetch_add(1, Ordering::SeqCst);
        let place = Self(waiting);
        (before < most).then_some(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
