use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// Remembers for a moment that Redis did not answer, so that not every caller waits to find out.
pub(crate) struct Breaker {
    start: Instant,
    closed_again_at_ms: AtomicU64,
    down: AtomicBool,
}

const PAUSE: Duration = Duration::from_millis(500);

impl Breaker {
    pub(crate) fn new() -> Self {
        Self { start: Instant::now(), closed_again_at_ms: AtomicU64::new(0), down: AtomicBool::new(false) }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.elapsed_ms() < self.closed_again_at_ms.load(Ordering::Relaxed)
    }

    pub(crate) fn failed(&self, error: &(dyn std::error::Error + 'static)) {
        let pause = u64::try_from(PAUSE.as_millis()).unwrap_or(u64::MAX);
        self.closed_again_at_ms.store(self.elapsed_ms() + pause, Ordering::Relaxed);
        if !self.down.swap(true, Ordering::Relaxed) {
            tracing::warn!(error, "redis does not answer; limits are local, cached values are missed");
        }
    }

    pub(crate) fn worked(&self) {
        if self.down.swap(false, Ordering::Relaxed) {
            self.closed_again_at_ms.store(0, Ordering::Relaxed);
            tracing::info!("redis answers again");
        }
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
