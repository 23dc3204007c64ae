use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use http::Method;
use tokio::time::Instant;

/// Calls are counted over this, and whoever made too many waits so long. Each call meanwhile begins the wait anew.
const WINDOW: Duration = Duration::from_mins(1);

/// Who called how often.
#[derive(Debug, Default)]
pub(super) struct Limits(BTreeMap<&'static str, Counted>);

#[derive(Debug, Default)]
struct Counted {
    calls: VecDeque<Instant>,
    penalty_until: Option<Instant>,
}

impl Limits {
    /// Counts a call of this group; how many are allowed, when it is one too many.
    pub(super) fn count(&mut self, group: &'static str, now: Instant) -> Result<(), u32> {
        let most = match group {
            "light" => 50,
            "medium" => 40,
            "heavy" => 10,
            _ => 5,
        };
        let counted = self.0.entry(group).or_default();
        counted.calls.retain(|at| now.duration_since(*at) < WINDOW);
        let is_punished = counted.penalty_until.is_some_and(|until| now < until);
        let is_too_many = u32::try_from(counted.calls.len()).is_ok_and(|calls| calls >= most);
        if is_punished || is_too_many {
            counted.penalty_until = Some(now + WINDOW);
            return Err(most);
        }
        counted.calls.push_back(now);
        Ok(())
    }
}

/// The group of limits that a call belongs to.
pub(super) fn group(method: &Method, path: &str) -> &'static str {
    match path.rsplit('/').next().unwrap_or_default() {
        "token" => "auth",
        "call-log" | "call-log-sync" => "heavy",
        "ring-out" if method == Method::POST => "heavy",
        "message-sync" | "message-store" | "phone-number" => "light",
        _ => "medium",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_during_the_wait_begins_it_anew() {
        let (mut limits, begin) = (Limits::default(), Instant::now());
        let mut at = |seconds: u64| limits.count("auth", begin + Duration::from_secs(seconds));
        assert!((0..5).all(|second| at(second).is_ok()));
        assert_eq!((at(10), at(65)), (Err(5), Err(5)));
        assert_eq!((at(124), at(185)), (Err(5), Ok(())));
    }
}
