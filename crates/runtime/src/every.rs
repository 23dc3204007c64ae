use std::{borrow::Cow, time::Duration};

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{TaskOutcome, TaskSet};

impl TaskSet {
    /// Runs `job` at once and then every `period` until `stop`; a run is never cut off, and a failed one is logged.
    ///
    /// A run that takes longer than the period delays the next one: runs never overlap.
    pub fn every<J, F>(
        &self,
        name: impl Into<Cow<'static, str>>,
        period: Duration,
        stop: CancellationToken,
        mut job: J,
    ) where
        J: FnMut() -> F + Send + 'static,
        F: Future<Output: TaskOutcome> + Send,
    {
        let task = name.into();
        let label = task.clone();
        self.spawn(task, async move {
            let mut ticks = interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while stop.run_until_cancelled(ticks.tick()).await.is_some() {
                if let Some(error) = job().await.into_error() {
                    tracing::warn!(task.name = label.as_ref(), error, "run of a periodic job failed");
                }
            }
        });
    }
}
