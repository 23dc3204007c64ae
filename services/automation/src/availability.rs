//! What somebody says of their own availability.

use std::ops::RangeInclusive;

use strum::{Display, EnumString, VariantNames};
use weft_domain::{Error, Result, parse_word};

/// The capacities there are.
pub(crate) const CAPACITIES: RangeInclusive<u32> = 1..=100;

/// Whether somebody is given conversations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Status {
    /// Is given conversations.
    Available,
    /// Is given none meanwhile.
    Away,
    /// Not at work.
    Offline,
}

/// What is to change; the rest stays.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) status: Option<Status>,
    pub(crate) capacity: Option<i32>,
    pub(crate) note: Option<String>,
}

impl Change {
    /// Reads what a caller wants.
    pub(crate) fn read(status: Option<&str>, capacity: Option<u32>, note: Option<String>) -> Result<Self> {
        Ok(Self {
            status: status.map(|word| parse_word("status", word)).transpose()?,
            capacity: capacity.map(read_capacity).transpose()?,
            note: note.map(|words| words.trim().to_owned()),
        })
    }
}

fn read_capacity(capacity: u32) -> Result<i32> {
    let wrong = || Error::invalid_field("capacity", "`capacity` must be 1 to 100");
    if CAPACITIES.contains(&capacity) { i32::try_from(capacity).map_err(|_| wrong()) } else { Err(wrong()) }
}
