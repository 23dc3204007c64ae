use chrono::{DateTime, TimeDelta, Utc};
use prost_types::Timestamp;
use weft_domain::{Error, Result};
use weft_proto::convert::time;

/// Who plans further ahead has a calendar.
const FURTHEST: TimeDelta = TimeDelta::days(366);

/// The instant that somebody gave in a field, if it is one to wait for.
pub(super) fn time_to_come(
    field: &str,
    given: Option<&Timestamp>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>> {
    let at = given.and_then(time).filter(|at| *at > now && *at - now <= FURTHEST);
    at.ok_or_else(|| {
        Error::invalid_field(field, format!("`{field}` must be a time to come, within a year from now"))
    })
}
