use crate::{DataKey, framing::frame, secret_key::SecretKey, sign::hmac_sha256};

/// The key of one column's blind index.
pub struct IndexKey(SecretKey);

impl IndexKey {
    /// Derives it from a data key that the tenant keeps for indexes: unlike other data keys, that one does not rotate.
    pub fn derive(data_key: &DataKey, table: &str, column: &str) -> Self {
        let info = frame(&[b"weft blind index", table.as_bytes(), column.as_bytes()]);
        Self(data_key.key.derive(b"", &info))
    }
}

/// What is stored beside a sealed value to find it again by equality (HMAC-SHA256). The caller normalises the value.
///
/// Not for values with few possibilities: how often each occurs would tell them.
pub fn blind_index(key: &IndexKey, normalised: &str) -> [u8; 32] {
    hmac_sha256(key.0.expose(), &[normalised.as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_meet_only_in_the_same_column_and_tenant() {
        let (one, other) = (DataKey::generate(1), DataKey::generate(1));
        let phone = IndexKey::derive(&one, "contact", "phone");
        let index = blind_index(&phone, "+15550100");
        assert_eq!(index, blind_index(&IndexKey::derive(&one, "contact", "phone"), "+15550100"));
        assert_ne!(index, blind_index(&phone, "+15550101"));
        assert_ne!(index, blind_index(&IndexKey::derive(&one, "contact", "email"), "+15550100"));
        assert_ne!(index, blind_index(&IndexKey::derive(&other, "contact", "phone"), "+15550100"));
    }
}
