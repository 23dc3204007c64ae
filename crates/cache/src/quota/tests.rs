use proptest::prelude::*;

use super::*;

#[test]
fn a_burst_then_one_per_interval() {
    let quota = Quota::per_second(10, 3);
    let mut until = None;
    for remaining in [2, 1, 0] {
        let (decision, next) = quota.decide(until, 0);
        assert_eq!((decision.allowed, decision.remaining), (true, remaining));
        until = next;
    }
    let (denied, next) = quota.decide(until, 0);
    assert_eq!((denied.allowed, denied.retry_after, next), (false, Duration::from_millis(100), None));
    assert_eq!(denied.reset_after, Duration::from_millis(300));
    assert!(!quota.decide(until, 99_999).0.allowed);
    assert!(quota.decide(until, 100_000).0.allowed);
    assert_eq!(quota.decide(until, 300_000).0.remaining, 2);
}

#[test]
fn shares_of_replicas_are_never_more_than_the_whole_but_never_nothing() {
    let quota = Quota::per_minute(60, 9);
    assert_eq!(quota.share(3), Quota::per_minute(20, 3));
    assert_eq!(quota.share(100).burst(), 1);
    assert_eq!(quota.share(0), quota);
}

proptest! {
    #[test]
    fn never_more_than_the_burst_and_what_time_gave_back(
        burst in 1_u32..20,
        per_second in 1_u32..1000,
        steps in prop::collection::vec(0_u64..50_000, 1..200),
    ) {
        let quota = Quota::per_second(per_second, burst);
        let (mut now, mut until, mut allowed) = (0, None, 0);
        for step in steps {
            now += step;
            let (decision, next) = quota.decide(until, now);
            until = next.or(until);
            allowed += u64::from(decision.allowed);
            prop_assert!(allowed <= u64::from(burst) + now / quota.interval_us());
            if !decision.allowed {
                let retry = now + u64::try_from(decision.retry_after.as_micros()).unwrap();
                prop_assert!(quota.decide(until, retry).0.allowed);
                prop_assert!(!quota.decide(until, retry - 1).0.allowed);
            }
        }
    }
}
