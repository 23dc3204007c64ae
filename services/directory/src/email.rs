use weft_domain::{Error, Result};

/// How an e-mail address is compared: people do not type it twice the same way.
pub(crate) fn normalise(email: &str) -> String {
    email.trim().to_lowercase()
}

/// An e-mail address as it is kept; `field` is named when it cannot be one.
pub(crate) fn read<'a>(field: &str, email: &'a str) -> Result<&'a str> {
    let trimmed = email.trim();
    let is_plain = !trimmed.contains(|c: char| c.is_whitespace() || c.is_control());
    let parts = trimmed.split_once('@');
    let has_parts =
        parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    if is_plain && has_parts {
        return Ok(trimmed);
    }
    Err(Error::invalid_field(field, format!("`{field}` must be an e-mail address like `ada@example.com`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_an_address_is_refused_by_its_field() {
        assert_eq!(read("email", " Ada@Example.com ").unwrap(), "Ada@Example.com");
        assert_eq!(normalise(" Ada@Example.com "), "ada@example.com");
        for wrong in ["", "ada", "@example.com", "ada@", "a@b@c", "a b@c", "a\n@b"] {
            assert_eq!(read("email", wrong).unwrap_err().field(), Some("email"), "{wrong:?}");
        }
    }
}
