//! Tags: one is the same however it is written.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use weft_domain::{Error, Result};

use crate::store::tags::Words;

/// The longest tag, in characters.
const LONGEST: usize = 50;
/// So many tags one conversation, or one contact, has at most.
pub(crate) const MOST: usize = 50;

/// A tag as it is kept: in one way to write it, small letters, one space between words.
pub(crate) fn read(text: &str, field: &str) -> Result<String> {
    let composed: String = text.nfc().collect();
    let tag = composed.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let fits = !tag.is_empty() && tag.chars().count() <= LONGEST && !tag.chars().any(char::is_control);
    let words = || format!("`{field}` must be words of 1 to {LONGEST} characters in all");
    if fits { Ok(tag) } else { Err(Error::invalid_field(field, words())) }
}

/// The tags of a request.
pub(crate) fn read_all(given: &[String], field: &str) -> Result<Vec<String>> {
    if given.len() > MOST {
        return Err(Error::invalid_field(field, format!("`{field}` may name {MOST} tags")));
    }
    given.iter().enumerate().map(|(index, tag)| read(tag, &format!("{field}[{index}]"))).collect()
}

/// The tags of `what` then, in the order of the alphabet.
pub(crate) fn changed(before: &Words, add: &[String], remove: &[String], what: &str) -> Result<Words> {
    let mut all: BTreeSet<&String> = before.0.iter().chain(add).collect();
    all.retain(|tag| !remove.contains(tag));
    if all.len() > MOST && !add.is_empty() {
        let words = format!("{what} has at most {MOST} tags; remove some of them first");
        return Err(Error::precondition("too_many_tags", words).with_field("add_tags"));
    }
    Ok(Words(all.into_iter().cloned().collect()))
}
