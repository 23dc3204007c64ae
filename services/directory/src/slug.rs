use weft_domain::{Error, Result};

/// Checks a short name: lower-case letters and digits, in groups joined by single dashes.
pub(crate) fn check(field: &str, slug: &str) -> Result<()> {
    let is_group = |group: &str| {
        !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    if slug.len() <= 63 && slug.split('-').all(is_group) {
        return Ok(());
    }
    let words = format!("`{field}` must be lower-case letters and digits, with single dashes between");
    Err(Error::invalid_field(field, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_groups_of_letters_and_digits_with_single_dashes_between() {
        for good in ["demo", "a", "a-1", "north-2-south"] {
            assert!(check("slug", good).is_ok(), "{good}");
        }
        for wrong in ["", "-a", "a-", "a--b", "A", "a_b", "ä", "a b", "a.b"] {
            assert_eq!(check("slug", wrong).unwrap_err().field(), Some("slug"), "{wrong:?}");
        }
    }
}
