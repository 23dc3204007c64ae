use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::Received;

/// Where polling stands.
#[derive(Clone, Debug)]
pub struct PollContext {
    /// What the last poll gave as `next_state`.
    pub state: Option<String>,
    /// The present instant, for events that carry none.
    pub now: DateTime<Utc>,
}

/// What one poll brought.
#[derive(Debug, Default)]
pub struct Polled {
    /// The events, and what else a webhook call gives.
    pub received: Received,
    /// The cursor behind these events; to be kept only after they are published.
    pub next_state: Option<String>,
    /// How long to wait before the next poll.
    pub wait: Duration,
}
