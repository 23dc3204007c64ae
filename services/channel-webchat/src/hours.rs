//! When somebody is there, as the channel's settings say.

use chrono::{DateTime, Datelike as _, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::Deserialize;
use weft_domain::{Error, Result};

/// Hours of some days of the week.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// The days, like `["mon", "tue"]`.
    pub days: Vec<String>,
    /// From then on, like `09:00`.
    pub from: String,
    /// Until then, like `17:30`; `24:00` is the end of the day.
    pub to: String,
}

/// Checks hours and their time zone.
pub(crate) fn validate(hours: &[Hours], zone: &str) -> Result<()> {
    if zone.parse::<Tz>().is_err() {
        return Err(Error::invalid_field("settings.time_zone", "it must be like `Europe/Berlin`"));
    }
    for (index, one) in hours.iter().enumerate() {
        let wrong = |part: &str, words: &str| {
            Err(Error::invalid_field(&format!("settings.business_hours[{index}].{part}"), words))
        };
        if one.days.is_empty() || one.days.iter().any(|day| day.parse::<Weekday>().is_err()) {
            return wrong("days", "they must be of mon, tue, wed, thu, fri, sat, sun");
        }
        let Some(from) = minutes(&one.from) else { return wrong("from", "it must be like `09:00`") };
        match minutes(&one.to) {
            None => return wrong("to", "it must be like `17:30`"),
            Some(to) if to <= from => {
                return wrong("to", "it must be later than `from`; split what goes past midnight");
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Whether it is business hours; without any it always is.
pub(crate) fn are_open(hours: &[Hours], zone: &str, now: DateTime<Utc>) -> bool {
    let there = now.with_timezone(&zone.parse().unwrap_or(Tz::UTC));
    let minute = there.time().signed_duration_since(NaiveTime::MIN).num_minutes();
    let covers = |one: &Hours| {
        let today = one.days.iter().any(|day| day.parse() == Ok(there.weekday()));
        let span = minutes(&one.from).zip(minutes(&one.to));
        today && span.is_some_and(|(from, to)| (from..to).contains(&minute))
    };
    hours.is_empty() || hours.iter().any(covers)
}

/// Minutes since midnight.
fn minutes(text: &str) -> Option<i64> {
    let (hour, minute) =
        text.split_once(':').filter(|(hour, minute)| hour.len() == 2 && minute.len() == 2)?;
    let (hour, minute): (i64, i64) = (hour.parse().ok()?, minute.parse().ok()?);
    let whole = hour * 60 + minute;
    ((0..60).contains(&minute) && (0..=24 * 60).contains(&whole)).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(days: &[&str], from: &str, to: &str) -> Hours {
        let days = days.iter().map(|day| (*day).to_owned()).collect();
        Hours { days, from: from.to_owned(), to: to.to_owned() }
    }

    #[test]
    fn the_hours_are_those_of_the_place() {
        let open = [hours(&["mon", "tue"], "09:00", "17:30"), hours(&["sat"], "22:00", "24:00")];
        let at = |text: &str| are_open(&open, "Europe/Kyiv", text.parse().unwrap());
        // a Monday; Kyiv is three hours ahead in summer
        assert!(!at("2026-07-06T05:59:59Z") && at("2026-07-06T06:00:00Z"));
        assert!(at("2026-07-06T14:29:59Z") && !at("2026-07-06T14:30:00Z"));
        // two in winter
        assert!(!at("2026-01-05T06:30:00Z") && at("2026-01-05T07:00:00Z"));
        assert!(at("2026-07-11T20:59:00Z") && !at("2026-07-11T21:00:00Z"));
        assert!(are_open(&[], "UTC", Utc::now()));
    }

    #[test]
    fn what_are_no_hours_is_named() {
        let field = |one: Hours| validate(&[one], "UTC").unwrap_err().field().unwrap().to_owned();
        assert_eq!(field(hours(&["Montag"], "09:00", "17:00")), "settings.business_hours[0].days");
        assert_eq!(field(hours(&[], "09:00", "17:00")), "settings.business_hours[0].days");
        assert_eq!(field(hours(&["mon"], "9", "17:00")), "settings.business_hours[0].from");
        assert_eq!(field(hours(&["mon"], "09:00", "24:01")), "settings.business_hours[0].to");
        assert_eq!(field(hours(&["mon"], "22:00", "06:00")), "settings.business_hours[0].to");
        assert_eq!(validate(&[], "Kyiv").unwrap_err().field(), Some("settings.time_zone"));
        assert!(validate(&[hours(&["mon", "sun"], "00:00", "24:00")], "Europe/Kyiv").is_ok());
    }
}
