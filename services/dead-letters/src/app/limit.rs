use weft_domain::{Error, Result};

const USUAL: u32 = 100;
const MOST: u32 = 1_000;

/// How many letters one call may change, for what the caller asked.
pub(crate) fn most(asked: u32) -> Result<u64> {
    match asked {
        0 => Ok(USUAL.into()),
        1..=MOST => Ok(asked.into()),
        _ => Err(Error::invalid_field("limit", format!("`limit` must be at most {MOST}"))),
    }
}
