use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{Readiness, StillRunning, TaskSet, metering};

/// How long each part of stopping may take. Each ends before the next, and all before Kubernetes kills (45 s).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopTimes {
    /// From "not ready" to the end of intake: time for load balancers to notice. 5 s in a cluster, 0 on a laptop.
    pub notice: Duration,
    /// For all three phases together.
    pub drain: Duration,
    /// From the signal to the forced end.
    pub watchdog: Duration,
}

impl StopTimes {
    /// 5 s, 25 s, 40 s.
    pub const CLUSTER: Self = Self {
        notice: Duration::from_secs(5),
        drain: Duration::from_secs(25),
        watchdog: Duration::from_secs(40),
    };
    /// 0 s, 25 s, 40 s.
    pub const LAPTOP: Self = Self { notice: Duration::ZERO, ..Self::CLUSTER };
}

/// How a process lives: three sets of tasks that stop one after another, its readiness, and the wish to stop.
///
/// Clones are the same life.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    times: StopTimes,
    readiness: Readiness,
    intake: TaskSet,
    work: TaskSet,
    flush: TaskSet,
    stopping: CancellationToken,
    failed: CancellationToken,
}

impl Lifecycle {
    /// A process that starts.
    pub fn new(times: StopTimes) -> Self {
        metering::describe();
        let failed = CancellationToken::new();
        Self {
            times,
            readiness: Readiness::new(),
            intake: TaskSet::failing_into("intake", failed.clone()),
            work: TaskSet::failing_into("work", failed.clone()),
            flush: TaskSet::failing_into("flush", failed.clone()),
            stopping: CancellationToken::new(),
            failed,
        }
    }

    /// Its readiness.
    pub fn readiness(&self) -> &Readiness {
        &self.readiness
    }

    /// What lets work in: servers, sockets, pollers. Stops first.
    pub fn intake(&self) -> &TaskSet {
        &self.intake
    }

    /// What does the work: consumers and jobs. Stops when intake has ended.
    pub fn work(&self) -> &TaskSet {
        &self.work
    }

    /// What carries results away: outbox relays, buffers. Stops last.
    pub fn flush(&self) -> &TaskSet {
        &self.flush
    }

    /// Asks the process to stop, as a signal does.
    pub fn ask_to_stop(&self, why: &str) {
        if !self.stopping.is_cancelled() {
            tracing::info!(why, "stop asked for");
        }
        self.stopping.cancel();
    }

    /// Is cancelled when the process was asked to stop; the task sets' own tokens follow in order.
    pub fn stopping(&self) -> CancellationToken {
        self.stopping.clone()
    }

    /// Waits until a stop is asked for or a critical task fails; gives back whether one failed.
    pub async fn until_asked_to_stop(&self) -> bool {
        tokio::select! {
            () = self.stopping.cancelled() => {}
            () = self.failed.cancelled() => self.ask_to_stop("a critical task failed"),
        }
        self.failed.is_cancelled()
    }

    /// Stops in order: not ready, notice, intake, work, flush. What is late is aborted, so that the next phase may go.
    ///
    /// Intake gets half of the drain time, work three quarters of what is left, flush the rest.
    ///
    /// # Errors
    /// [`StillRunning`] names every task that was late, whatever its phase.
    pub async fn stop(&self) -> Result<(), StillRunning> {
        self.ask_to_stop("the owner stops");
        self.readiness.stopping();
        tokio::time::sleep(self.times.notice).await;

        let end = Instant::now() + self.times.drain;
        let mut late = Vec::new();
        for (phase, share) in [(&self.intake, 0.5), (&self.work, 0.75), (&self.flush, 1.0)] {
            let left = end.saturating_duration_since(Instant::now());
            if let Err(StillRunning(names)) = phase.drain(left.mul_f64(share)).await {
                tracing::error!(phase = phase.name(), tasks = ?names, "tasks did not stop in time");
                phase.abort();
                late.extend(names);
            }
        }
        if late.is_empty() { Ok(()) } else { Err(StillRunning(late)) }
    }

    /// Everything that runs, by name and number.
    pub fn running(&self) -> Vec<(String, usize)> {
        [&self.intake, &self.work, &self.flush].into_iter().flat_map(TaskSet::running).collect()
    }

    pub(crate) fn times(&self) -> StopTimes {
        self.times
    }
}
