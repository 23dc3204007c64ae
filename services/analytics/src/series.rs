//! The points of a period: its local hours or days.

use chrono::{NaiveDate, Offset, TimeZone, Timelike};

use crate::{
    period::{Interval, Period},
    slot,
};

/// What the slots of one point have in common. With the offset, so that an hour that comes twice is two.
#[derive(PartialEq, Eq)]
struct Label {
    day: NaiveDate,
    hour: Option<(u32, i32)>,
}

/// Where the points begin: the first one with the period, however little of its hour or day is left.
pub(crate) fn starts(period: &Period) -> Vec<i64> {
    let mut starts = Vec::new();
    let mut last = None;
    let mut at = period.from;
    while at < period.to {
        let label = label(period, at);
        if last.as_ref() != Some(&label) {
            starts.push(at);
            last = Some(label);
        }
        at += slot::SECONDS;
    }
    starts
}

fn label(period: &Period, at: i64) -> Label {
    let local = period.zone.from_utc_datetime(&slot::begin(at).naive_utc());
    let hour = match period.interval {
        Interval::Hour => Some((local.hour(), local.offset().fix().local_minus_utc())),
        Interval::Day => None,
    };
    Label { day: local.date_naive(), hour }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::*;

    fn points(from: &str, to: &str, interval: Interval, zone: &str) -> Vec<String> {
        let slot = |text: &str| slot::of(text.parse::<DateTime<Utc>>().unwrap());
        let period = Period { from: slot(from), to: slot(to), interval, zone: zone.parse().unwrap() };
        let shown = |at: &i64| slot::begin(*at).format("%dT%H:%M").to_string();
        starts(&period).iter().map(shown).collect()
    }

    #[test]
    fn days_and_hours_begin_where_the_zone_says() {
        let days = points("2026-03-27T10:00:00Z", "2026-03-31T00:00:00Z", Interval::Day, "Europe/Berlin");
        assert_eq!(days, ["27T10:00", "27T23:00", "28T23:00", "29T22:00", "30T22:00"], "a day of 23 hours");
        let days = points("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", Interval::Day, "Asia/Kathmandu");
        assert_eq!(days, ["01T00:00", "01T18:15"]);
        let hours = points("2026-03-01T00:00:00Z", "2026-03-01T02:00:00Z", Interval::Hour, "Asia/Kolkata");
        assert_eq!(hours, ["01T00:00", "01T00:30", "01T01:30"]);
        let hours = points("2026-10-25T00:00:00Z", "2026-10-25T03:00:00Z", Interval::Hour, "Europe/Berlin");
        assert_eq!(hours, ["25T00:00", "25T01:00", "25T02:00"], "02:00 comes twice");
    }
}
