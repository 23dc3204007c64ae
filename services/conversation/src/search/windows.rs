//! The newest come first, and only as much time is looked at as holds enough of them: a word that everybody uses fills a page
//! from a day, and one that is rare has few places to look at. Days and months are tokens, too, so that the index itself
//! leaves out all others.

use chrono::{DateTime, Datelike, Days, TimeDelta, Utc};
use uuid::Uuid;

use super::{Find, entry::short};

/// So many days are looked at first.
const FIRST: u64 = 2;
/// By so much each period is longer than the one before.
const GROWTH: u64 = 3;
/// Longer periods are counted in months: the index is slower the more tokens there are to choose from.
const MOST_DAYS: u64 = 8;
/// A longer one is all the rest.
const LONGEST: u64 = 400;

/// A period that is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    /// Where it begins.
    pub(crate) from: DateTime<Utc>,
    /// Where it ends, itself not in it.
    pub(crate) to: DateTime<Utc>,
    days: u64,
}

impl Window {
    /// The last days before `to`.
    pub(crate) fn before(to: DateTime<Utc>) -> Self {
        Self::of(to, FIRST)
    }

    fn of(to: DateTime<Utc>, days: u64) -> Self {
        // what ends at midnight has nothing of the day that begins there
        let last = (to - TimeDelta::microseconds(1)).date_naive();
        let first = last.checked_sub_days(Days::new(days.saturating_sub(1)));
        let first = first.filter(|_| days <= LONGEST).map(|day| match days {
            0..=MOST_DAYS => day,
            _ => day.with_day(1).unwrap_or(day),
        });
        let from =
            first.and_then(|day| day.and_hms_opt(0, 0, 0)).map_or(DateTime::UNIX_EPOCH, |at| at.and_utc());
        Self { from, to, days }
    }

    /// The period before it, a longer one.
    pub(crate) fn next(&self) -> Self {
        Self::of(self.from, self.days.saturating_mul(GROWTH))
    }

    /// The younger part of it, when it holds too much; none: it cannot be shorter.
    pub(crate) fn shorter(&self) -> Option<Self> {
        let days = if self.days > LONGEST { LONGEST } else { self.days / 2 };
        (self.days > 1).then(|| Self::of(self.to, days.max(1)))
    }

    /// Whether nothing is older.
    pub(crate) fn is_last(&self) -> bool {
        self.from <= DateTime::UNIX_EPOCH
    }

    /// What is of this time, and of a tenant.
    pub(crate) fn find(&self, tenant: Uuid) -> Find {
        if self.days > LONGEST {
            return Find::Token(tenant_token(tenant));
        }
        let mut tokens = Vec::new();
        let mut day = self.from.date_naive();
        let end = (self.to - TimeDelta::microseconds(1)).date_naive();
        while day <= end {
            let at = day.and_hms_opt(0, 0, 0).map(|at| at.and_utc()).unwrap_or_default();
            let [of_day, of_month] = time_tokens(tenant, at);
            let token = if self.days > MOST_DAYS { of_month } else { of_day };
            if tokens.last() != Some(&token) {
                tokens.push(token);
            }
            let Some(next) = day.succ_opt() else { break };
            day = next;
        }
        Find::Any(tokens.into_iter().map(Find::Token).collect())
    }
}

/// What everything of a tenant has. Short, because every row has it; rows are compared with the tenant itself besides.
pub(crate) fn tenant_token(tenant: Uuid) -> String {
    format!("t{:010x}", short(tenant) >> 24)
}

/// The day and the month something was on.
pub(super) fn time_tokens(tenant: Uuid, at: DateTime<Utc>) -> [String; 2] {
    let tenant = tenant_token(tenant);
    let day = at.timestamp().div_euclid(24 * 3600);
    [format!("{tenant}d{day}"), format!("{tenant}m{}{:02}", at.year(), at.month())]
}
