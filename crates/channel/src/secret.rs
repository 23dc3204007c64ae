use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

/// Makes a secret of 256 random bits: 43 letters, digits, `-` and `_`.
pub fn make_secret() -> SecretString {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>()).into()
}

/// Compares in a time that says nothing about where they differ.
pub fn same_secret(expected: &SecretString, given: &[u8]) -> bool {
    expected.expose_secret().as_bytes().ct_eq(given).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_secret_is_new_each_time_and_only_equals_itself() {
        let (one, other) = (make_secret(), make_secret());
        assert_eq!(one.expose_secret().len(), 43);
        assert!(same_secret(&one, one.expose_secret().as_bytes()));
        assert!(!same_secret(&one, other.expose_secret().as_bytes()) && !same_secret(&one, b""));
    }
}
