use figment::value::Value;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};

use crate::misfit::words;

/// Reads a key that may be unset: the empty string is `None`. For `#[serde(deserialize_with = "weft_config::optional")]`.
///
/// # Errors
/// When a value is given and does not fit.
pub fn optional<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let value = <Value as Deserialize>::deserialize(deserializer)?;
    let Some(text) = value.as_str() else {
        return value.deserialize().map(Some).map_err(|error| D::Error::custom(words(error.kind, false)));
    };
    if text.is_empty() {
        return Ok(None);
    }
    let error = match value.deserialize::<T>() {
        Ok(read) => return Ok(Some(read)),
        Err(error) => error,
    };
    // from the environment a number comes as text, since its default, the empty string, is text
    let as_other = text.parse::<Value>().ok().and_then(|other| other.deserialize::<T>().ok());
    as_other.map(Some).ok_or_else(|| D::Error::custom(words(error.kind, false)))
}
