use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// A process that does nothing for so long has stood still: stopped, swapped out, a machine that was moved. Nobody else gets its
/// events before 2.7 s: the server's pin less one pull (`docs/adr/0006`).
const STILL: Duration = Duration::from_secs(2);
const BEAT: Duration = Duration::from_millis(100);

/// Notices that this process stood still, and that others may have taken over what it had.
#[derive(Debug)]
pub(crate) struct Pulse {
    origin: Instant,
    /// Milliseconds after `origin` of the last beat.
    last: AtomicU64,
    /// The same of the end of the last standstill; 0 is never.
    woke: AtomicU64,
}

/// What this process took, and when.
#[derive(Clone, Debug)]
pub(crate) struct Grip {
    pulse: Arc<Pulse>,
    since: Instant,
}

impl Pulse {
    pub(crate) fn new() -> Arc<Self> {
        let origin = Instant::now() - BEAT;
        let pulse = Self { origin, last: AtomicU64::new(0), woke: AtomicU64::new(0) };
        pulse.beat();
        Arc::new(pulse)
    }

    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut beats = interval(BEAT);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while stop.run_until_cancelled(beats.tick()).await.is_some() {
            self.beat();
        }
    }

    fn beat(&self) {
        let now = self.millis(Instant::now());
        let before = self.last.fetch_max(now, Ordering::SeqCst);
        if u128::from(now.saturating_sub(before)) > STILL.as_millis() {
            self.woke.fetch_max(now, Ordering::SeqCst);
        }
    }

    /// Looks by itself whether this is the first moment after a standstill: whoever asks need not be the second to wake up.
    pub(crate) fn stood_still_since(&self, moment: Instant) -> bool {
        self.beat();
        self.woke.load(Ordering::SeqCst) > self.millis(moment)
    }

    pub(crate) fn grip(self: &Arc<Self>) -> Grip {
        Grip { pulse: Arc::clone(self), since: Instant::now() }
    }

    fn millis(&self, moment: Instant) -> u64 {
        let passed = moment.saturating_duration_since(self.origin);
        u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)
    }
}

impl Grip {
    pub(crate) fn may_be_lost(&self) -> bool {
        self.pulse.stood_still_since(self.since)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;
    use tokio_util::task::TaskTracker;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_was_taken_before_a_standstill_may_be_lost_and_what_was_taken_after_it_is_not() {
        let pulse = Pulse::new();
        let before = pulse.grip();
        advance(Duration::from_millis(1_900)).await;
        assert!(!before.may_be_lost(), "a slow moment");
        advance(Duration::from_millis(2_100)).await;
        assert!(before.may_be_lost());
        let after = pulse.grip();
        advance(Duration::from_secs(1)).await;
        assert!(!after.may_be_lost());
        assert!(before.may_be_lost(), "and stays so");
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_does_something_does_not_stand_still() {
        let (pulse, stop) = (Pulse::new(), CancellationToken::new());
        let grip = pulse.grip();
        let beating = TaskTracker::new().spawn(Arc::clone(&pulse).run(stop.clone()));
        tokio::time::sleep(Duration::from_secs(60)).await;
        assert!(!grip.may_be_lost());
        stop.cancel();
        beating.await.unwrap();
    }
}
