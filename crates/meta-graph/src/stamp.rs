use chrono::{DateTime, Utc};
use serde::Deserialize;
use weft_channel::ReceiveError;

/// A time as Meta writes it: in milliseconds or in seconds, as a number or as text.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Stamp {
    /// As text.
    Text(String),
    /// As a number.
    Number(i64),
}

/// From here on a number is of milliseconds: as seconds it would be after the year 33000.
const MILLISECONDS: i64 = 1_000_000_000_000;

impl Stamp {
    /// The time that is meant.
    pub fn time(&self) -> Result<DateTime<Utc>, ReceiveError> {
        let number = match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => Some(*number),
        };
        let time = number.and_then(|number| match number {
            MILLISECONDS.. => DateTime::from_timestamp_millis(number),
            seconds => DateTime::from_timestamp(seconds, 0),
        });
        time.ok_or_else(|| ReceiveError { why: "the date cannot be read".to_owned() })
    }
}
