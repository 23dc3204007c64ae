use std::str::FromStr;

use strum::VariantNames;

use crate::Error;

/// Reads one of an enum's words given in the field `field`; the error lists the choices.
pub fn parse_word<T: FromStr + VariantNames>(field: &str, text: &str) -> Result<T, Error> {
    T::from_str(text).map_err(|_| {
        Error::invalid_field(field, format!("`{field}` must be one of {}", T::VARIANTS.join(", ")))
    })
}
