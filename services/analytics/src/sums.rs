//! Sums of the rollup as the API shows them.

use std::collections::HashMap;

use weft_domain::{Error, Result};
use weft_proto::analytics::v1::{Figures, Times};

use crate::{durations::Durations, figure::Figure, store::rollups::Sum};

/// What has been summed up so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    counts: HashMap<Figure, i64>,
    first_response: Vec<(i64, i64)>,
    resolution: Vec<(i64, i64)>,
}

impl Sums {
    /// Adds the sum of a group.
    pub(crate) fn add<K: sea_orm::TryGetable>(&mut self, sum: &Sum<K>) -> Result<()> {
        let figure: Figure = sum
            .figure
            .parse()
            .map_err(|_| Error::internal(format!("the database holds an unknown figure: {}", sum.figure)))?;
        *self.counts.entry(figure).or_default() += sum.value;
        match figure {
            Figure::FirstResponse => self.first_response.push((sum.bucket, sum.value)),
            Figure::Resolution => self.resolution.push((sum.bucket, sum.value)),
            _ => {}
        }
        Ok(())
    }

    /// As the API shows them.
    pub(crate) fn show(&self, durations: &Durations) -> Figures {
        let count = |figure| u64::try_from(self.sum(figure)).unwrap_or_default();
        let times = |buckets: &[(i64, i64)], figure, total| {
            times(durations, buckets, self.sum(figure), self.sum(total))
        };
        Figures {
            conversations_new: count(Figure::ConversationsNew),
            conversations_resolved: count(Figure::ConversationsResolved),
            conversations_closed: count(Figure::ConversationsClosed),
            conversations_reopened: count(Figure::ConversationsReopened),
            messages_in: count(Figure::MessagesIn),
            messages_out: count(Figure::MessagesOut),
            messages_out_bot: count(Figure::MessagesOutBot),
            deliveries_failed: count(Figure::DeliveriesFailed),
            deliveries_unclear: count(Figure::DeliveriesUnclear),
            first_response: Some(times(&self.first_response, Figure::FirstResponse, Figure::FirstResponseMs)),
            resolution: Some(times(&self.resolution, Figure::Resolution, Figure::ResolutionMs)),
        }
    }

    fn sum(&self, figure: Figure) -> i64 {
        self.counts.get(&figure).copied().unwrap_or_default()
    }
}

fn times(durations: &Durations, buckets: &[(i64, i64)], count: i64, total_ms: i64) -> Times {
    if count <= 0 {
        return Times::default();
    }
    let (p50, p90) = durations.quantiles(buckets);
    Times {
        count: u64::try_from(count).unwrap_or_default(),
        mean: Some(seconds(total_ms) / as_float(count)),
        p50: Some(seconds(i64::try_from(p50).unwrap_or(i64::MAX))),
        p90: Some(seconds(i64::try_from(p90).unwrap_or(i64::MAX))),
    }
}

fn seconds(ms: i64) -> f64 {
    as_float(ms) / 1000.0
}

/// Exact up to 2⁵³, which milliseconds reach after 285,000 years.
fn as_float(number: i64) -> f64 {
    number as f64
}
