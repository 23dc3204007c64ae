//! When it is open: each week in a time zone, and on days that are not like others.

use std::collections::BTreeSet;

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Timelike, Utc, Weekday,
};
use chrono_tz::Tz;
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// The end of a day, in minutes since its beginning.
pub(crate) const MIDNIGHT: u16 = 24 * 60;
/// So far is looked ahead for the next change.
const DAYS_AHEAD: u64 = 366;

/// A part of a day, in minutes since its beginning as clocks on the wall show them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span {
    /// When it opens.
    pub(crate) from: u16,
    /// When it is closed again.
    pub(crate) to: u16,
}

/// When it is open on a day of each week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Weekly {
    /// The day.
    pub(crate) day: Weekday,
    /// When.
    #[serde(flatten)]
    pub(crate) span: Span,
}

/// A day that is not like others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holiday {
    /// The day.
    pub(crate) date: NaiveDate,
    /// What it is called.
    pub(crate) name: String,
    /// When it is open all the same.
    pub(crate) open: Option<Span>,
}

/// Both, in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub(crate) struct Calendar {
    /// Each week.
    pub(crate) weekly: Vec<Weekly>,
    /// Other days.
    pub(crate) holidays: Vec<Holiday>,
}

impl Span {
    fn has(self, minute: u16) -> bool {
        (self.from..self.to).contains(&minute)
    }
}

impl Calendar {
    /// Whether it is open at an instant.
    pub(crate) fn is_open(&self, zone: Tz, at: DateTime<Utc>) -> bool {
        let there = at.with_timezone(&zone).naive_local();
        let minute = u16::try_from(there.hour() * 60 + there.minute()).unwrap_or_default();
        self.on(there.date()).iter().any(|span| span.has(minute))
    }

    /// When it is next closed, if it is open, or open, if it is closed; none: not within a year.
    pub(crate) fn changes_at(&self, zone: Tz, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let is_open = self.is_open(zone, at);
        let today = at.with_timezone(&zone).date_naive();
        (0..=DAYS_AHEAD).filter_map(|days| today.checked_add_days(Days::new(days))).find_map(|date| {
            let edges = self.edges(zone, date);
            edges.into_iter().filter(|edge| *edge > at).find(|edge| self.is_open(zone, *edge) != is_open)
        })
    }

    fn on(&self, date: NaiveDate) -> Vec<Span> {
        let mut special = self.holidays.iter().filter(|holiday| holiday.date == date).peekable();
        if special.peek().is_some() {
            return special.filter_map(|holiday| holiday.open).collect();
        }
        self.weekly.iter().filter(|weekly| weekly.day == date.weekday()).map(|weekly| weekly.span).collect()
    }

    /// All instants of a day at which something may begin or end.
    fn edges(&self, zone: Tz, date: NaiveDate) -> BTreeSet<DateTime<Utc>> {
        let midnight = date.and_time(chrono::NaiveTime::MIN);
        let minutes = self.on(date).into_iter().flat_map(|span| [span.from, span.to]).chain([0, MIDNIGHT]);
        let at = |minute: u16| instants(zone, midnight + TimeDelta::minutes(minute.into()));
        let mut edges: BTreeSet<_> = minutes.flat_map(at).collect();
        let is_today = |at: &DateTime<Utc>| at.with_timezone(&zone).date_naive() == date;
        edges.extend(clock_change(zone, midnight).filter(is_today));
        edges
    }
}

/// The instants at which clocks show this: two in the hour that comes twice, none in the one that is left out.
fn instants(zone: Tz, local: NaiveDateTime) -> Vec<DateTime<Utc>> {
    let found = zone.from_local_datetime(&local);
    [found.earliest(), found.latest()].into_iter().flatten().map(|at| at.to_utc()).collect()
}

/// The instant around a day at which clocks are put forward or back.
fn clock_change(zone: Tz, midnight: NaiveDateTime) -> Option<DateTime<Utc>> {
    let offset = |at: DateTime<Utc>| at.with_timezone(&zone).naive_local() - at.naive_utc();
    let mut before = midnight.and_utc() - TimeDelta::hours(26);
    let mut after = midnight.and_utc() + TimeDelta::hours(50);
    if offset(before) == offset(after) {
        return None;
    }
    while after - before > TimeDelta::minutes(1) {
        let middle = before + (after - before) / 2;
        // clocks change at whole minutes
        let middle = middle.with_second(0)?.with_nanosecond(0)?;
        if middle <= before {
            break;
        }
        if offset(middle) == offset(after) { after = middle } else { before = middle }
    }
    Some(after)
}
