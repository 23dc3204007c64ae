//! How times are kept, so that those of any slots, channels and agents can be put together: as counts in fixed buckets.

use hdrhistogram::Histogram;
use weft_domain::{Error, Result};

/// Two digits are right: a bucket is at most one hundredth wide.
const DIGITS: u8 = 2;
/// Ten years; what took longer took as long as this.
const LONGEST_MS: u64 = 10 * 366 * 24 * 3600 * 1000;

/// The buckets.
#[derive(Debug)]
pub(crate) struct Durations {
    empty: Histogram<u64>,
}

impl Durations {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { empty: Histogram::new_with_bounds(1, LONGEST_MS, DIGITS).map_err(Error::internal)? })
    }

    /// The bucket a time belongs to: the shortest time in it.
    pub(crate) fn bucket(&self, ms: i64) -> i64 {
        let ms = u64::try_from(ms).unwrap_or_default().min(LONGEST_MS);
        i64::try_from(self.empty.lowest_equivalent(ms)).unwrap_or_default()
    }

    /// The times that half and nine tenths of all did not exceed, in milliseconds: the middle of their buckets.
    pub(crate) fn quantiles(&self, buckets: &[(i64, i64)]) -> (u64, u64) {
        let mut all = self.empty.clone();
        for (bucket, count) in buckets {
            let (bucket, count) =
                (u64::try_from(*bucket).unwrap_or_default(), u64::try_from(*count).unwrap_or_default());
            all.saturating_record_n(bucket, count);
        }
        let at = |quantile| all.median_equivalent(all.value_at_quantile(quantile));
        (at(0.5), at(0.9))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_of_merged_buckets_are_right_within_a_hundredth() {
        let durations = Durations::new().unwrap();
        let times: Vec<i64> = (1..=1000).map(|n| n * n * 137).collect();
        let (early, late) = times.split_at(300);
        let buckets = |times: &[i64]| times.iter().map(|ms| (durations.bucket(*ms), 1)).collect::<Vec<_>>();
        let merged = [buckets(late), buckets(early)].concat();
        let (p50, p90) = durations.quantiles(&merged);
        for (found, exact) in [(p50, times[499]), (p90, times[899])] {
            let exact = u64::try_from(exact).unwrap();
            assert!(found.abs_diff(exact) * 100 <= exact, "{found} for {exact}");
        }
        assert_eq!(durations.bucket(-5), 0, "a clock that ran backwards");
        assert_eq!(durations.bucket(i64::MAX), durations.bucket(i64::MAX - 1));
    }
}
