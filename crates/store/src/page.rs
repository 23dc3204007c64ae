//! Cursor pagination: a page token is the last row's sort key, opaque to callers.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use weft_domain::{Error, Result};

/// How many rows a page has when the caller does not say.
pub const DEFAULT_SIZE: u32 = 50;
/// The most rows of a page.
pub const MAX_SIZE: u32 = 200;

/// The page size to use for what the caller asked.
pub fn size(asked: u32) -> Result<u64> {
    match asked {
        0 => Ok(DEFAULT_SIZE.into()),
        1..=MAX_SIZE => Ok(asked.into()),
        _ => Err(Error::invalid_field("page_size", format!("`page_size` must be at most {MAX_SIZE}"))),
    }
}

/// Where the next page starts, as a token.
pub fn encode(key: &impl Serialize) -> Result<String> {
    serde_json::to_vec(key).map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).map_err(Error::internal)
}

/// Where the page starts; none for the first one.
pub fn decode<K: DeserializeOwned>(token: &str) -> Result<Option<K>> {
    if token.is_empty() {
        return Ok(None);
    }
    let key = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    key.map(Some).ok_or_else(|| {
        Error::invalid(
            "invalid_page_token",
            "`page_token` is not one of ours; use `next_page_token` of the page before",
        )
        .with_field("page_token")
    })
}

/// Cuts rows fetched as `size + 1` to the page, and makes the next page's token from its last row.
pub fn cut<R, K: Serialize>(mut rows: Vec<R>, size: u64, key: impl Fn(&R) -> K) -> Result<(Vec<R>, String)> {
    let size = usize::try_from(size).map_err(Error::internal)?;
    if rows.len() <= size {
        return Ok((rows, String::new()));
    }
    rows.truncate(size);
    let next = rows.last().map(|row| encode(&key(row))).transpose()?.unwrap_or_default();
    Ok((rows, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_is_not_ours_is_refused() {
        assert_eq!(decode::<(i64, String)>(&encode(&(7, "x")).unwrap()).unwrap(), Some((7, "x".to_owned())));
        assert_eq!(decode::<i64>("").unwrap(), None);
        assert_eq!(decode::<i64>("garbage!").unwrap_err().reason(), "invalid_page_token");
        assert_eq!(size(201).unwrap_err().field(), Some("page_size"));
        assert_eq!(cut(vec![1, 2, 3], 2, |row| *row).unwrap(), (vec![1, 2], encode(&2).unwrap()));
    }
}
