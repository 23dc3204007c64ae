use std::fmt::Debug;

use chrono::{DateTime, SubsecRound, Utc};

/// Tells the time. Handed in, so that tests can set it.
pub trait Clock: Send + Sync + Debug + 'static {
    /// The present instant in UTC, to the microsecond (what every store keeps).
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}
