//! After a takeover, events that a dead predecessor had out come back when their time is up, in any order. Until the
//! last of them is here, everything waits, or a younger one would overtake an older one of its key.

use tokio::time::Instant;

#[derive(Debug, Default)]
pub(crate) struct Recovery {
    /// Everything up to here was out when we took over.
    mark: u64,
    owed: usize,
    until: Option<Instant>,
}

impl Recovery {
    /// Starts with what the broker tells: `pending` events are out up to `mark`, and `ours` of them are here. The others are
    /// waited for until `last`.
    pub(crate) fn start(pending: usize, mark: u64, ours: impl Iterator<Item = u64>, last: Instant) -> Self {
        let here = ours.filter(|cursor| *cursor <= mark).count();
        let owed = pending.saturating_sub(here);
        Self { mark, owed, until: (owed > 0).then_some(last) }
    }

    /// Counts an event that was not here before; says whether it has to wait.
    pub(crate) fn arrived(&mut self, cursor: u64) -> bool {
        if self.until.is_none() {
            return false;
        }
        if cursor <= self.mark {
            self.owed = self.owed.saturating_sub(1);
        }
        if self.owed == 0 {
            self.until = None;
        }
        true
    }

    /// When to stop waiting; `None` when nothing has to wait.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.until
    }

    pub(crate) fn give_up(&mut self) {
        self.until = None;
    }
}

#[cfg(test)]
mod tests {
    use std::iter;

    use super::*;

    #[tokio::test]
    async fn everything_waits_until_the_predecessors_are_back() {
        let mut recovery = Recovery::start(3, 10, iter::once(9), Instant::now());
        assert!(recovery.arrived(11));
        assert!(recovery.arrived(8));
        assert!(recovery.until().is_some());
        assert!(recovery.arrived(7));
        assert!(recovery.until().is_none() && !recovery.arrived(13));
        assert!(Recovery::start(1, 10, iter::once(9), Instant::now()).until().is_none());
    }
}
