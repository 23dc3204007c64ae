use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Deserialize;

/// When a token holds, in seconds since 1970.
#[derive(Deserialize)]
pub(crate) struct Times {
    exp: i64,
    nbf: Option<i64>,
}

impl Times {
    /// Whether it holds, where clocks may differ by `leeway`.
    pub(crate) fn hold_at(&self, now: DateTime<Utc>, leeway: Duration) -> bool {
        let leeway = i64::try_from(leeway.as_secs()).unwrap_or(i64::MAX);
        let now = now.timestamp();
        let has_begun = self.nbf.is_none_or(|begin| begin.saturating_sub(leeway) <= now);
        has_begun && now < self.exp.saturating_add(leeway)
    }
}
