use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::Simulator;

/// Something that goes wrong with calls of the bot.
#[derive(Clone, Debug, Deserialize)]
pub struct Fault {
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// With which methods; all, when empty. `file` is the download of a file.
    #[serde(default)]
    pub methods: Vec<String>,
    /// With so many calls.
    pub for_next: Option<u32>,
    /// For so long.
    pub for_seconds: Option<f64>,
    /// With this share of the calls.
    pub probability: Option<f64>,
    #[serde(skip, default = "Instant::now")]
    since: Instant,
}

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// 429.
    RateLimited {
        /// In seconds.
        retry_after: u64,
    },
    /// 500 as the Bot API says it.
    ServerError,
    /// A gateway's page with 502.
    GatewayPage,
    /// No answer at all.
    Hang,
    /// The connection is closed before the call is handled.
    DropBefore,
    /// The call is handled and its answer lost.
    DropAfter,
}

impl Fault {
    /// This fault for all calls until further notice.
    pub fn always(kind: FaultKind) -> Self {
        Self {
            kind,
            methods: Vec::new(),
            for_next: None,
            for_seconds: None,
            probability: None,
            since: Instant::now(),
        }
    }

    /// This fault for the next calls.
    pub fn next(kind: FaultKind, calls: u32) -> Self {
        Self { for_next: Some(calls), ..Self::always(kind) }
    }

    /// Only with this method.
    #[must_use]
    pub fn only(mut self, method: &str) -> Self {
        self.methods.push(method.to_owned());
        self
    }

    fn is_over(&self) -> bool {
        let time_is_up = self.for_seconds.is_some_and(|seconds| {
            // out of range means for ever
            Duration::try_from_secs_f64(seconds).is_ok_and(|length| self.since.elapsed() >= length)
        });
        time_is_up || self.for_next == Some(0)
    }

    fn hits(&self, method: &str) -> bool {
        let meant =
            self.methods.is_empty() || self.methods.iter().any(|name| name.eq_ignore_ascii_case(method));
        meant && self.probability.is_none_or(|share| rand::random::<f64>() < share)
    }
}

impl Simulator {
    /// Adds a fault.
    pub fn fault(&self, fault: Fault) {
        self.world.change(|state| state.faults.push(fault));
    }

    /// Ends all faults.
    pub fn clear_faults(&self) {
        self.world.change(|state| state.faults.clear());
    }

    /// The fault for a call; counts it.
    pub(super) fn draw_fault(&self, method: &str) -> Option<FaultKind> {
        let mut state = self.world.lock();
        state.faults.retain(|fault| !fault.is_over());
        let fault = state.faults.iter_mut().find(|fault| fault.hits(method))?;
        if let Some(left) = &mut fault.for_next {
            *left -= 1;
        }
        Some(fault.kind)
    }
}
