//! The subjects of the bus. Words are checked, so that nothing from outside can reach another subject.

use weft_domain::{Error, Result};

const MAX_SUBJECT_BYTES: usize = 255;

/// `weft.in.<partition>.<provider>`.
pub fn inbound(partition: u16, provider: &str) -> Result<String> {
    Ok(format!("weft.in.{partition}.{}", word(provider)?))
}

/// `weft.out.<provider>.<partition>`.
pub fn outbound(provider: &str, partition: u16) -> Result<String> {
    Ok(format!("weft.out.{}.{partition}", word(provider)?))
}

/// `weft.log.<provider>`.
pub fn log(provider: &str) -> Result<String> {
    Ok(format!("weft.log.{}", word(provider)?))
}

/// `weft.events.<tenant>.<entity>.<change>`.
pub fn event(tenant: &str, entity: &str, change: &str) -> Result<String> {
    Ok(format!("weft.events.{}.{}.{}", word(tenant)?, word(entity)?, word(change)?))
}

/// `weft.live.<tenant>.<words…>`.
pub fn live(tenant: &str, words: &[&str]) -> Result<String> {
    let mut subject = format!("weft.live.{}", word(tenant)?);
    for part in words {
        subject.push('.');
        subject.push_str(word(part)?);
    }
    Ok(subject)
}

/// Whether `subject` fits `pattern`, where `*` is one word and a last `>` is one word or more.
pub fn matches(pattern: &str, subject: &str) -> bool {
    let mut words = subject.split('.');
    for expected in pattern.split('.') {
        let Some(found) = words.next() else { return false };
        match expected {
            ">" => return true,
            "*" => {}
            _ if expected == found => {}
            _ => return false,
        }
    }
    words.next().is_none()
}

pub(crate) fn matches_any(patterns: &[String], subject: &str) -> bool {
    patterns.iter().any(|pattern| matches(pattern, subject))
}

/// What every subject that fits `pattern` begins with.
pub(crate) fn literal_prefix(pattern: &str) -> &str {
    let end = pattern.find(['*', '>']).unwrap_or(pattern.len());
    pattern.get(..end).unwrap_or_default()
}

/// Whether some subject fits both patterns.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
    let (mut left, mut right) = (one.split('.'), other.split('.'));
    loop {
        match (left.next(), right.next()) {
            (None, None) => return true,
            (Some(">"), Some(_)) | (Some(_), Some(">")) => return true,
            (Some(a), Some(b)) if a == b || a == "*" || b == "*" => {}
            _ => return false,
        }
    }
}

pub(crate) fn is_concrete(subject: &str) -> bool {
    subject.len() <= MAX_SUBJECT_BYTES && subject.split('.').all(is_word)
}

pub(crate) fn check_pattern(pattern: &str) -> Result<()> {
    let mut words = pattern.split('.').peekable();
    while let Some(part) = words.next() {
        let fits = part == "*" || (part == ">" && words.peek().is_none()) || is_word(part);
        if !fits {
            return Err(Error::invalid(
                "invalid_subject",
                "a filter is words joined by dots, `*` for one word, a last `>` for the rest",
            ));
        }
    }
    Ok(())
}

fn word(text: &str) -> Result<&str> {
    if !is_word(text) {
        return Err(Error::invalid(
            "invalid_subject",
            "a word of a subject has no dot, star, angle bracket, space or control character",
        ));
    }
    Ok(text)
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| ".*>".contains(c) || c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_as_nats_says() {
        assert!(matches("weft.in.>", "weft.in.7.echo"));
        assert!(matches("weft.*.7.echo", "weft.in.7.echo"));
        assert!(!matches("weft.in.>", "weft.in"));
        assert!(!matches("weft.in.*", "weft.in.7.echo"));
        assert!(!matches("weft.in.7.echo", "weft.in.7"));
    }

    #[test]
    fn overlapping_patterns_are_found() {
        assert!(overlap("weft.in.>", "weft.in.7.echo"));
        assert!(overlap("weft.in.*.echo", "weft.in.7.*"));
        assert!(!overlap("weft.out.echo.>", "weft.out.acme.>"));
        assert!(!overlap("weft.in.*", "weft.in.7.echo"));
    }

    #[test]
    fn a_word_from_outside_cannot_reach_another_subject() {
        assert_eq!(inbound(7, "echo").unwrap(), "weft.in.7.echo");
        for word in ["", "a.b", "*", ">", "a b", "a\n", "a\u{a0}b"] {
            assert_eq!(event("t", word, "c").unwrap_err().reason(), "invalid_subject", "{word:?}");
        }
        assert!(check_pattern("weft.>.x").is_err() && check_pattern("weft.*.>").is_ok());
    }
}
