use weft_domain::{Error, Result};

const SHORTEST: usize = 8;

/// Refuses passwords that are guessed first.
pub(crate) fn check(field: &str, password: &str, email: &str) -> Result<()> {
    if password.chars().count() < SHORTEST {
        let words = format!("`{field}` must be at least {SHORTEST} characters long");
        return Err(Error::invalid("weak_password", words).with_field(field));
    }
    if password.trim().eq_ignore_ascii_case(email.trim()) {
        let words = format!("`{field}` must not be the e-mail address");
        return Err(Error::invalid("weak_password", words).with_field(field));
    }
    Ok(())
}
