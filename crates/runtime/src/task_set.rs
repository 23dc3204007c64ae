use std::{
    any::Any,
    borrow::Cow,
    collections::BTreeMap,
    error::Error,
    fmt,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::FutureExt as _;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::TaskOutcome;

/// Named tasks that stop together and are waited for.
///
/// Clones are the same set. A task sees that it should stop by [`TaskSet::stop_token`]; nothing is aborted unless
/// [`TaskSet::abort`] is called after the waiting was in vain.
#[derive(Clone)]
pub struct TaskSet(Arc<Inner>);

struct Inner {
    name: Cow<'static, str>,
    tracker: TaskTracker,
    running: Mutex<BTreeMap<Cow<'static, str>, usize>>,
    stop: CancellationToken,
    abort: CancellationToken,
    failed: CancellationToken,
}

/// The tasks that did not end in time, by name and number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("still running: {}", list(.0))]
pub struct StillRunning(pub Vec<(String, usize)>);

impl TaskSet {
    /// Makes an empty set; `name` appears in logs and metrics.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Self {
        Self::failing_into(name, CancellationToken::new())
    }

    /// Makes an empty set whose critical failures cancel a token that other sets share.
    pub(crate) fn failing_into(name: impl Into<Cow<'static, str>>, failed: CancellationToken) -> Self {
        Self(Arc::new(Inner {
            name: name.into(),
            tracker: TaskTracker::new(),
            running: Mutex::default(),
            stop: CancellationToken::new(),
            abort: CancellationToken::new(),
            failed,
        }))
    }

    /// The name it was made with.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Starts a task; an error or a panic ends only this task and is logged.
    pub fn spawn<F>(&self, name: impl Into<Cow<'static, str>>, task: F)
    where
        F: Future<Output: TaskOutcome> + Send + 'static,
    {
        self.start(name.into(), task, false);
    }

    /// Starts a task without which the process is of no use: its error or panic stops the process in order.
    pub fn spawn_critical<F>(&self, name: impl Into<Cow<'static, str>>, task: F)
    where
        F: Future<Output: TaskOutcome> + Send + 'static,
    {
        self.start(name.into(), task, true);
    }

    /// Is cancelled when the tasks should finish what they have in hand and end.
    pub fn stop_token(&self) -> CancellationToken {
        self.0.stop.clone()
    }

    /// Is cancelled when a critical task has failed.
    pub fn failed_token(&self) -> CancellationToken {
        self.0.failed.clone()
    }

    /// Asks the tasks to end, without waiting.
    pub fn stop(&self) {
        self.0.stop.cancel();
    }

    /// The tasks that run now, by name and number.
    pub fn running(&self) -> Vec<(String, usize)> {
        let running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.iter().map(|(name, count)| (name.to_string(), *count)).collect()
    }

    /// Waits until no task runs, at most for `deadline`.
    ///
    /// # Errors
    /// [`StillRunning`] names what has not ended.
    pub async fn wait(&self, deadline: Duration) -> Result<(), StillRunning> {
        self.0.tracker.close();
        let ended = tokio::time::timeout(deadline, self.0.tracker.wait()).await;
        ended.map_err(|_elapsed| StillRunning(self.running()))
    }

    /// Asks the tasks to end and waits for them, at most for `deadline`.
    ///
    /// # Errors
    /// [`StillRunning`] names what has not ended.
    pub async fn drain(&self, deadline: Duration) -> Result<(), StillRunning> {
        self.stop();
        self.wait(deadline).await
    }

    /// Drops every task at its next await, and those started later at once.
    pub fn abort(&self) {
        self.0.stop.cancel();
        self.0.abort.cancel();
    }

    fn start<F>(&self, name: Cow<'static, str>, task: F, critical: bool)
    where
        F: Future<Output: TaskOutcome> + Send + 'static,
    {
        let entry = Entry::new(self.clone(), name);
        let work = async move {
            let abort = entry.set.0.abort.clone();
            let outcome = abort.run_until_cancelled(AssertUnwindSafe(task).catch_unwind()).await;
            entry.report(outcome, critical);
        };
        drop(self.0.tracker.spawn(work));
    }
}

impl fmt::Debug for TaskSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskSet").field("name", &self.0.name).field("running", &self.running()).finish()
    }
}

/// One running task in the list of names; leaves it when dropped, however the task ends.
struct Entry {
    set: TaskSet,
    name: Cow<'static, str>,
}

impl Entry {
    fn new(set: TaskSet, name: Cow<'static, str>) -> Self {
        let mut running = set.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        *running.entry(name.clone()).or_default() += 1;
        drop(running);
        Self { set, name }
    }

    fn report<T: TaskOutcome>(&self, outcome: Option<Result<T, Box<dyn Any + Send>>>, critical: bool) {
        let failure = match outcome {
            None => return,
            Some(Ok(ended)) => match ended.into_error() {
                None => return,
                Some(error) => chain(error.as_ref()),
            },
            Some(Err(panic)) => format!("panic: {}", panic_text(panic.as_ref())),
        };
        let (set, task) = (self.set.name(), self.name.as_ref());
        tracing::error!(
            task.set = set,
            task.name = task,
            task.critical = critical,
            error = failure,
            "task failed"
        );
        crate::metering::task_failed(set);
        if critical {
            self.set.0.failed.cancel();
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut running = self.set.0.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = running.get_mut(&self.name) {
            *count -= 1;
            if *count == 0 {
                running.remove(&self.name);
            }
        }
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

fn chain(error: &(dyn Error + Send + Sync)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn list(names: &[(String, usize)]) -> String {
    let each =
        names.iter().map(|(name, count)| if *count == 1 { name.clone() } else { format!("{name} ×{count}") });
    each.collect::<Vec<_>>().join(", ")
}
