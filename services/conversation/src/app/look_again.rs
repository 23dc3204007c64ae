use std::time::Duration;

use weft_domain::Result;
use weft_store::{Scope, Tx};

/// How often is looked, and how long after one another: a second in all.
const LOOKS: usize = 10;
const BETWEEN: Duration = Duration::from_millis(100);

/// Looks for what another service has made. What it made this very moment may not have reached us yet, so the look is repeated
/// for a second.
pub(super) async fn run<T, Found>(scope: &Scope, find: impl Fn(Tx) -> Found) -> Result<Option<T>>
where
    Found: Future<Output = Result<Option<T>>>,
{
    for _ in 1..LOOKS {
        if let Some(found) = scope.read(&find).await? {
            return Ok(Some(found));
        }
        tokio::time::sleep(BETWEEN).await;
    }
    scope.read(&find).await
}
