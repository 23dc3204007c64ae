//! What visitors say of themselves, as it may be.

use weft_domain::{Error, Result};

const MAX_EMAIL_CHARS: usize = 254;
const MAX_PHONE_CHARS: usize = 32;

/// One line of text.
pub(crate) fn line(field: &str, given: &str, most: usize) -> Result<String> {
    let text = given.trim();
    if text.chars().count() > most {
        let words = format!("`{field}` must be at most {most} characters long");
        return Err(Error::invalid("too_long", words).with_field(field));
    }
    if text.contains(char::is_control) {
        return Err(Error::invalid_field(field, format!("`{field}` must be one line of text")));
    }
    Ok(text.to_owned())
}

/// An e-mail address: whether it is somebody's only a mail to it can tell.
pub(crate) fn email(field: &str, given: &str) -> Result<String> {
    let text = line(field, given, MAX_EMAIL_CHARS)?;
    let parts = text.rsplit_once('@').filter(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.')
    });
    if parts.is_none() || text.contains(char::is_whitespace) {
        return Err(Error::invalid_field(field, format!("`{field}` must be an e-mail address")));
    }
    Ok(text)
}

/// A telephone number, as people write it.
pub(crate) fn phone(field: &str, given: &str) -> Result<String> {
    let text = line(field, given, MAX_PHONE_CHARS)?;
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_one = |letter: char| letter.is_ascii_digit() || " +-()./".contains(letter);
    if !(5..=15).contains(&digits) || !text.chars().all(is_one) {
        return Err(Error::invalid_field(field, format!("`{field}` must be a telephone number")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_numbers_are_told_from_other_words() {
        for text in ["ada@example.org", "a.b+c@sub.example.org"] {
            assert_eq!(email("email", text).unwrap(), text);
        }
        for text in ["", "ada", "@example.org", "ada@", "ada@example", "a da@example.org", "ada@.org", "a@b."]
        {
            assert_eq!(email("email", text).unwrap_err().field(), Some("email"), "{text}");
        }
        assert_eq!(phone("phone", " +380 (44) 123-45-67 ").unwrap(), "+380 (44) 123-45-67");
        for text in ["", "1234", "call me", "+1 555 0100 ext 5", "1234567890123456"] {
            assert_eq!(phone("phone", text).unwrap_err().field(), Some("phone"), "{text}");
        }
    }
}
