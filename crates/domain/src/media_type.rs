//! Types of files.

use crate::{Error, ErrorCode, Result};

/// Refuses a type that is not on a list of types like `image/*` or `application/pdf`.
pub fn check(accepted: &[String], mime: &str) -> Result<()> {
    let essence = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let takes = |pattern: &String| match pattern.strip_suffix('*') {
        Some(kind) => essence.starts_with(kind),
        None => *pattern == essence,
    };
    // a drawing that is a page with scripts is not meant by `image/*`
    let runs = essence == "image/svg+xml" && !accepted.contains(&essence);
    if accepted.iter().any(takes) && !runs {
        return Ok(());
    }
    let words = format!("files of the type {essence} are not taken here; there are {}", accepted.join(", "));
    Err(Error::new(ErrorCode::Invalid, "file_type_refused", words).with_field("file"))
}
