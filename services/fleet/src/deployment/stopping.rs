use std::time::Duration;

use weft_runtime::StopTimes;

/// What happens after the decision to stop a process, by the time at which each has ended (K8-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopping {
    /// Load balancers have noticed; the platform waits for it before it asks.
    pub pre_stop: Duration,
    /// Work is finished and results are handed on.
    pub drained: Duration,
    /// The process ends itself and says what still ran.
    pub watchdog: Duration,
    /// The platform kills.
    pub killed: Duration,
}

impl Stopping {
    /// With the program's own times, which are told of the wait by `run.pre_stop_secs`.
    pub const CLUSTER: Self = Self {
        pre_stop: StopTimes::CLUSTER.notice,
        drained: StopTimes::CLUSTER.notice.saturating_add(StopTimes::CLUSTER.drain),
        watchdog: StopTimes::CLUSTER.watchdog,
        killed: Duration::from_secs(45),
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    #[test]
    fn each_part_of_stopping_ends_before_the_next_with_the_times_that_the_program_takes() {
        let Stopping { pre_stop, drained, watchdog, killed } = Stopping::CLUSTER;
        assert_eq!([pre_stop, killed].map(|time| time.as_secs()), [5, 45]);
        assert!(pre_stop < drained && drained < watchdog && watchdog < killed);

        let waited = ("WEFT_RUN__PRE_STOP_SECS".to_owned(), pre_stop.as_secs().to_string());
        let times = Settings::from_parts("", vec![waited]).unwrap().run.stop_times();
        assert_eq!(pre_stop + times.notice + times.drain, drained);
        assert_eq!(pre_stop + times.watchdog, watchdog);

        let laptop = Settings::from_parts("", Vec::new()).unwrap().run.stop_times();
        assert_eq!(laptop, StopTimes::LAPTOP);
    }
}
