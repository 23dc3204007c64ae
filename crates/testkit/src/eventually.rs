use std::time::Duration;

use tokio::time::{Instant, sleep};

/// Asks `probe` every 10 ms until it answers, and gives the answer back; panics with `what` after `deadline`.
///
/// Only for what cannot tell us itself: another process, another machine. Inside a process, wait for the event.
pub async fn eventually<T>(what: &str, deadline: Duration, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + deadline;
    loop {
        if let Some(answer) = probe().await {
            return answer;
        }
        assert!(Instant::now() < end, "not within {deadline:?}: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}
