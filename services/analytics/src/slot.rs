//! Figures are kept by the quarter of an hour: the offsets of all time zones are multiples of it, so that any zone's days and
//! hours can be put together from them exactly.

use chrono::{DateTime, Utc};

/// How long a slot is, in seconds.
pub(crate) const SECONDS: i64 = 15 * 60;

/// The slot an instant lies in: its begin, in seconds since 1970.
pub(crate) fn of(at: DateTime<Utc>) -> i64 {
    let seconds = at.timestamp();
    seconds - seconds.rem_euclid(SECONDS)
}

/// The first slot that begins at this instant or later.
pub(crate) fn from(at: DateTime<Utc>) -> i64 {
    let slot = of(at);
    let begins_now = slot == at.timestamp() && at.timestamp_subsec_nanos() == 0;
    if begins_now { slot } else { slot + SECONDS }
}

/// When a slot begins.
pub(crate) fn begin(slot: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(slot, 0).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_a_quarter_of_an_hour() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(begin(of(at("2026-03-01T10:14:59.9Z"))), at("2026-03-01T10:00:00Z"));
        assert_eq!(begin(from(at("2026-03-01T10:00:00.1Z"))), at("2026-03-01T10:15:00Z"));
        assert_eq!(begin(from(at("2026-03-01T10:15:00Z"))), at("2026-03-01T10:15:00Z"));
        assert_eq!(begin(of(at("1969-12-31T23:59:59Z"))), at("1969-12-31T23:45:00Z"));
    }
}
