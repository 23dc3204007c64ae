//! The period that is asked for.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use prost_types::Timestamp;
use strum::{Display, EnumString, VariantNames};
use weft_domain::{Error, Result, parse_word};
use weft_proto::{analytics::v1::GetOverviewRequest, convert};

use crate::slot;

const USUAL: TimeDelta = TimeDelta::days(7);
const LONGEST_DAYS: i64 = 400;
const LONGEST_BY_HOUR_DAYS: i64 = 31;
/// Up to here hours tell more than days.
const HOURS_TELL_MORE: TimeDelta = TimeDelta::days(2);

/// How long a point of the series is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Interval {
    Hour,
    Day,
}

/// A period, as it is answered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    /// Its first slot.
    pub(crate) from: i64,
    /// The first slot after it.
    pub(crate) to: i64,
    pub(crate) interval: Interval,
    pub(crate) zone: Tz,
}

/// Reads the period of a request.
pub(crate) fn read(request: &GetOverviewRequest, now: DateTime<Utc>) -> Result<Period> {
    let to = instant("to", request.to.as_ref())?.unwrap_or(now);
    let from = instant("from", request.from.as_ref())?.unwrap_or(to - USUAL);
    if from >= to {
        return Err(Error::invalid_field("from", "`from` must be before `to`"));
    }
    if to - from > TimeDelta::days(LONGEST_DAYS) {
        let words =
            format!("a period has at most {LONGEST_DAYS} days; bring `from` and `to` closer together");
        return Err(Error::invalid_field("from", words));
    }
    let interval = match request.interval.as_deref() {
        Some(word) => parse_word("interval", word)?,
        None if to - from <= HOURS_TELL_MORE => Interval::Hour,
        None => Interval::Day,
    };
    if interval == Interval::Hour && to - from > TimeDelta::days(LONGEST_BY_HOUR_DAYS) {
        let words = format!(
            "by hour a period has at most {LONGEST_BY_HOUR_DAYS} days; ask for `interval=day` or for a shorter period"
        );
        return Err(Error::invalid_field("interval", words));
    }
    Ok(Period {
        from: slot::of(from),
        to: slot::from(to),
        interval,
        zone: zone(request.timezone.as_deref())?,
    })
}

/// Years that every calendar and database here knows.
fn instant(field: &str, stamp: Option<&Timestamp>) -> Result<Option<DateTime<Utc>>> {
    let Some(stamp) = stamp else { return Ok(None) };
    let known = convert::time(stamp).filter(|at| (1970..=9000).contains(&chrono::Datelike::year(at)));
    let unknown =
        || Error::invalid_field(field, format!("`{field}` must be a time like 2026-01-31T00:00:00Z"));
    known.map(Some).ok_or_else(unknown)
}

fn zone(name: Option<&str>) -> Result<Tz> {
    let Some(name) = name else { return Ok(Tz::UTC) };
    name.parse().map_err(|_| {
        Error::invalid_field("timezone", "`timezone` must be an IANA name like `Europe/Berlin` or `UTC`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(
        from: Option<&str>,
        to: Option<&str>,
        interval: Option<&str>,
        zone: Option<&str>,
    ) -> Result<Period> {
        let stamp = |text: &str| convert::timestamp(text.parse().unwrap());
        let request = GetOverviewRequest {
            from: from.map(stamp),
            to: to.map(stamp),
            interval: interval.map(str::to_owned),
            timezone: zone.map(str::to_owned),
            ..GetOverviewRequest::default()
        };
        read(&request, "2026-03-08T10:20:00Z".parse().unwrap())
    }

    #[test]
    fn left_out_it_is_the_last_seven_days_by_day() {
        let period = ask(None, None, None, None).unwrap();
        assert_eq!(slot::begin(period.from).to_rfc3339(), "2026-03-01T10:15:00+00:00");
        assert_eq!(slot::begin(period.to).to_rfc3339(), "2026-03-08T10:30:00+00:00");
        assert_eq!((period.interval, period.zone), (Interval::Day, Tz::UTC));
        let short = ask(Some("2026-03-07T00:00:00Z"), None, None, Some("Asia/Kolkata")).unwrap();
        assert_eq!((short.interval, short.zone), (Interval::Hour, Tz::Asia__Kolkata));
    }

    #[test]
    fn what_cannot_be_answered_is_refused_by_name() {
        let (new_year, summer) = (Some("2026-01-01T00:00:00Z"), Some("2026-07-01T00:00:00Z"));
        for (asked, field) in [
            (ask(summer, new_year, None, None), "from"),
            (ask(new_year, new_year, None, None), "from"),
            (ask(Some("2020-01-01T00:00:00Z"), summer, None, None), "from"),
            (ask(Some("0001-01-01T00:00:00Z"), None, None, None), "from"),
            (ask(new_year, summer, Some("hour"), None), "interval"),
            (ask(new_year, summer, Some("week"), None), "interval"),
            (ask(new_year, summer, None, Some("Mars/Olympus")), "timezone"),
        ] {
            assert_eq!(asked.unwrap_err().field(), Some(field));
        }
        assert!(ask(new_year, summer, Some("day"), Some("America/St_Johns")).is_ok());
    }
}
