//! Cursors as clients see them: opaque, so that they may change.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use weft_domain::{Error, Result};

/// The first byte, so that older cursors are still told apart when this changes.
const VERSION: u8 = 1;

pub(super) fn encode(cursor: u64) -> String {
    let [a, b, c, d, e, f, g, h] = cursor.to_be_bytes();
    BASE64_URL_SAFE_NO_PAD.encode([VERSION, a, b, c, d, e, f, g, h])
}

pub(super) fn decode(text: &str) -> Result<u64> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok();
    match bytes.as_deref() {
        Some([VERSION, cursor @ ..]) if cursor.len() == size_of::<u64>() => {
            Ok(cursor.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
        }
        _ => {
            let words = "take the cursor from an event, from `hello`, `pong` or `goodbye`";
            Err(Error::invalid("invalid_cursor", words).with_field("cursor"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_and_anything_else_is_refused() {
        for cursor in [0, 1, 255, 1 << 40, u64::MAX] {
            assert_eq!(decode(&encode(cursor)).unwrap(), cursor);
        }
        for wrong in ["", "AQ", "x", "AgAAAAAAAAAB", "AQAAAAAAAAABAA", "AQAAAAAAAAAB=", "ü"] {
            assert_eq!(decode(wrong).unwrap_err().reason(), "invalid_cursor", "{wrong}");
        }
    }
}
