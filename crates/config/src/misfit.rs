use figment::error::{Actual, Kind};

use crate::secret::without_password;

/// What does not fit about a value, for operators. The words for a secret do not show it.
pub(crate) fn words(kind: Kind, is_secret: bool) -> String {
    match kind {
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) if is_secret => {
            format!("expected {}", plain(&expected))
        }
        _ if is_secret => "does not fit".to_owned(),
        Kind::InvalidType(found, expected) | Kind::InvalidValue(found, expected) => {
            format!("found {}, expected {}", shown(found), plain(&expected))
        }
        other => other.to_string(),
    }
}

fn shown(found: Actual) -> String {
    match found {
        Actual::Str(text) => format!("the text {:?}", without_password(&text)),
        Actual::Unsigned(number) => number.to_string(),
        Actual::Signed(number) => number.to_string(),
        Actual::Float(number) => number.to_string(),
        other => other.to_string(),
    }
}

/// serde names Rust's types, which say nothing to an operator.
fn plain(expected: &str) -> String {
    let range = match expected {
        "u8" => Some((0, i128::from(u8::MAX))),
        "u16" => Some((0, i128::from(u16::MAX))),
        "u32" => Some((0, i128::from(u32::MAX))),
        "u64" | "usize" => Some((0, i128::from(u64::MAX))),
        "i32" => Some((i128::from(i32::MIN), i128::from(i32::MAX))),
        "i64" | "isize" => Some((i128::from(i64::MIN), i128::from(i64::MAX))),
        _ => None,
    };
    range
        .map_or_else(|| expected.to_owned(), |(least, most)| format!("a whole number from {least} to {most}"))
}
