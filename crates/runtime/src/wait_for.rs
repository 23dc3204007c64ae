use std::{error::Error, time::Duration};

use backon::{BackoffBuilder as _, ExponentialBuilder};
use weft_domain::ErrorCode;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// Tries `check` until it succeeds: how a service waits for what it needs at its start.
///
/// Pauses grow from 0.1 s to 3 s, with jitter.
///
/// # Errors
/// `unavailable` with the reason `dependency_unavailable`, and the last failure as its source, when `deadline` is over.
pub async fn wait_for<T, E, F, C>(name: &str, deadline: Duration, mut check: C) -> weft_domain::Result<T>
where
    C: FnMut() -> F,
    F: Future<Output = Result<T, E>>,
    E: Into<Box<dyn Error + Send + Sync>>,
{
    let mut pauses = ExponentialBuilder::default()
        .with_min_delay(FIRST_PAUSE)
        .with_max_delay(LONGEST_PAUSE)
        .with_jitter()
        .without_max_times()
        .build();
    let mut last: Option<Box<dyn Error + Send + Sync>> = None;
    let attempts = async {
        loop {
            match check().await {
                Ok(found) => return found,
                Err(failure) => {
                    let error: Box<dyn Error + Send + Sync> = failure.into();
                    tracing::warn!(dependency = name, error = %error, "waiting for a dependency");
                    last = Some(error);
                }
            }
            tokio::time::sleep(pauses.next().unwrap_or(LONGEST_PAUSE)).await;
        }
    };
    let outcome = tokio::time::timeout(deadline, attempts).await;
    outcome.map_err(|_elapsed| gave_up(name, last.unwrap_or_else(|| "no answer".into())))
}

fn gave_up(name: &str, source: Box<dyn Error + Send + Sync>) -> weft_domain::Error {
    let message = format!("{name} is not available");
    weft_domain::Error::new(ErrorCode::Unavailable, "dependency_unavailable", message).with_source(source)
}
