use std::time::Duration;

use backon::ExponentialBuilder;
use rand::RngExt as _;

const BASE: Duration = Duration::from_secs(1);
const CAP: Duration = Duration::from_secs(300);

/// How long to wait after this many attempts: anything up to a time that doubles.
pub(crate) fn full_jitter(attempt: u32) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16);
    let most = BASE.saturating_mul(1 << doublings).min(CAP);
    rand::rng().random_range(Duration::from_millis(50)..=most)
}

/// Waits for something that will be back some day.
pub(crate) fn for_ever() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_jitter()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(30))
        .without_max_times()
}

/// The same for the bus, without which nothing goes on.
pub(crate) fn for_bus() -> ExponentialBuilder {
    for_ever().with_max_delay(Duration::from_secs(2))
}

/// The same for providers: the longest wait is five minutes.
pub(crate) fn for_providers() -> ExponentialBuilder {
    for_ever().with_min_delay(BASE).with_max_delay(CAP)
}

/// A few more tries.
pub(crate) fn few_times(times: usize) -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_jitter()
        .with_min_delay(Duration::from_millis(500))
        .with_max_delay(Duration::from_secs(10))
        .with_max_times(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_grows_and_stays_below_five_minutes() {
        for _ in 0..200 {
            assert!(full_jitter(1) <= BASE && full_jitter(3) <= BASE * 4 && full_jitter(u32::MAX) <= CAP);
        }
        let longest = (0..200).map(|_| full_jitter(20)).max().unwrap();
        assert!(longest > CAP / 2);
    }
}
