//! Tags: one is the same however it is written.

use weft_domain::{Error, Result};

/// The longest tag, in characters.
const LONGEST: usize = 50;
/// So many tags one conversation has at most.
pub(crate) const MOST: usize = 50;

/// A tag as it is kept: small letters, one space between words.
pub(crate) fn read(text: &str, field: &str) -> Result<String> {
    let tag = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let fits = !tag.is_empty() && tag.chars().count() <= LONGEST && !tag.chars().any(char::is_control);
    let words = || format!("`{field}` must be words of 1 to {LONGEST} characters in all");
    if fits { Ok(tag) } else { Err(Error::invalid_field(field, words())) }
}
