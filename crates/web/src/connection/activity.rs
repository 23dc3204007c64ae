use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::Version;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use crate::Limits;

/// What happens on one connection, to tell a slow peer from an idle one.
pub(crate) struct Activity {
    now: Mutex<Now>,
    changed: Notify,
}

struct Now {
    running: usize,
    had_request: bool,
    multiplexed: bool,
    idle_since: Instant,
    /// When the first byte of the next head came.
    head_since: Option<Instant>,
}

impl Activity {
    pub(crate) fn new() -> Self {
        let now = Now {
            running: 0,
            had_request: false,
            multiplexed: false,
            idle_since: Instant::now(),
            head_since: None,
        };
        Self { now: Mutex::new(now), changed: Notify::new() }
    }

    /// Notes that a request begins; it runs until the guard is dropped.
    pub(crate) fn begin(this: &Arc<Self>, version: Version) -> Running {
        let mut now = this.lock();
        now.running += 1;
        now.had_request = true;
        now.multiplexed = version == Version::HTTP_2;
        now.head_since = None;
        drop(now);
        this.changed.notify_one();
        Running(Arc::clone(this))
    }

    /// Notes that bytes came in.
    pub(crate) fn received(&self) {
        let mut now = self.lock();
        // in HTTP/2 bytes between requests are pings and the like
        if now.running > 0 || now.multiplexed || now.head_since.is_some() {
            return;
        }
        now.head_since = Some(Instant::now());
        drop(now);
        self.changed.notify_one();
    }

    /// Notes that the peer, which had kept us waiting, took some bytes: a body that was handed over whole is gone long
    /// before the peer has it all.
    pub(crate) fn taken(&self) {
        self.lock().idle_since = Instant::now();
        self.changed.notify_one();
    }

    /// Ends when a head takes too long or nothing was asked for too long.
    pub(crate) async fn too_long(&self, limits: &Limits) {
        loop {
            let end = self.end(limits);
            tokio::select! {
                () = self.changed.notified() => {}
                () = sleep_until(end.unwrap_or_else(Instant::now)), if end.is_some() => return,
            }
        }
    }

    fn end(&self, limits: &Limits) -> Option<Instant> {
        let now = self.lock();
        if now.running > 0 {
            return None;
        }
        if !now.had_request {
            return Some(now.idle_since + limits.head);
        }
        let head = now.head_since.map(|since| since + limits.head);
        Some(head.unwrap_or(now.idle_since + limits.idle))
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request, until its answer has been sent or dropped.
pub(crate) struct Running(Arc<Activity>);

impl Drop for Running {
    fn drop(&mut self) {
        let mut now = self.0.lock();
        now.running -= 1;
        now.idle_since = Instant::now();
        drop(now);
        self.0.changed.notify_one();
    }
}
