//! Languages, like `en` or `pt-BR` (BCP 47).

use weft_domain::{Error, Result};

/// Whether a text is a language's tag: it also becomes an argument of programs and a part of addresses.
pub(crate) fn is_tag(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let is_word = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    is_word(first, 2..=3)
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(|part| is_word(part, 1..=8))
}

/// What a caller wants, or else what is usual.
pub(crate) fn or_usual(field: &str, wanted: &str, usual: &str) -> Result<String> {
    match wanted {
        "" => Ok(usual.to_owned()),
        wanted if is_tag(wanted) => Ok(wanted.to_owned()),
        _ => Err(Error::invalid_field(field, format!("`{field}` must be a language like `en-US`"))),
    }
}

/// Its first part: `en` of `en-US`.
pub(crate) fn primary(tag: &str) -> String {
    tag.split('-').next().unwrap_or_default().to_ascii_lowercase()
}
