use chrono::TimeDelta;
use weft_domain::{Error, Result};

/// Unless another time is asked for: longer than any provider takes to sign with the new secret.
const DEFAULT: TimeDelta = TimeDelta::hours(24);
const MOST: TimeDelta = TimeDelta::days(7);

/// How long webhooks signed with the secrets before are taken, as a request asks for it.
pub(super) fn read(field: &str, seconds: Option<u32>) -> Result<TimeDelta> {
    let grace = seconds.map_or(DEFAULT, |seconds| TimeDelta::seconds(seconds.into()));
    if grace <= MOST {
        return Ok(grace);
    }
    Err(Error::invalid_field(field, format!("`{field}` must be at most {}", MOST.num_seconds())))
}
