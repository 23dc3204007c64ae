use std::ops::Range;

use http::{
    HeaderMap,
    header::{IF_RANGE, RANGE},
};
use http_range_header::{RangeUnsatisfiableError, parse_range_header};

/// What of a file is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    All,
    Part(Range<u64>),
    /// Nothing that the file has.
    Nothing,
}

/// Reads `Range` and `If-Range` (RFC 9110). Several ranges at once, and what cannot be read, get the whole file.
pub(super) fn wanted(headers: &HeaderMap, size: u64, etag: &str) -> Wanted {
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let is_current = text(IF_RANGE).is_none_or(|known| known == etag);
    let Some(parsed) = text(RANGE).filter(|_| is_current).and_then(|range| parse_range_header(range).ok())
    else {
        return Wanted::All;
    };
    if parsed.ranges.len() != 1 {
        return Wanted::All;
    }
    match parsed.validate(size).as_deref() {
        Ok([range]) => Wanted::Part(*range.start()..range.end() + 1),
        // the last 1,000 bytes of a shorter file are the file
        Err(RangeUnsatisfiableError::FileSuffixOutOfBounds) => Wanted::All,
        _ => Wanted::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn asked(range: &'static str, if_range: Option<&'static str>) -> Wanted {
        let mut headers = HeaderMap::new();
        headers.insert(RANGE, HeaderValue::from_static(range));
        if let Some(etag) = if_range {
            headers.insert(IF_RANGE, HeaderValue::from_static(etag));
        }
        wanted(&headers, 100, "\"a\"")
    }

    #[test]
    fn a_range_is_read_as_the_standard_says() {
        assert_eq!(asked("bytes=0-0", None), Wanted::Part(0..1));
        assert_eq!(asked("bytes=90-", None), Wanted::Part(90..100));
        assert_eq!(asked("bytes=-10", None), Wanted::Part(90..100));
        assert_eq!(asked("bytes=50-1000", None), Wanted::Part(50..100));
        assert_eq!(asked("bytes=-1000", None), Wanted::All);
        assert_eq!(asked("bytes=100-", None), Wanted::Nothing);
        assert_eq!(asked("bytes=0-1,5-6", None), Wanted::All);
        assert_eq!(asked("lines=1-2", None), Wanted::All);
        assert_eq!(asked("bytes=0-0", Some("\"a\"")), Wanted::Part(0..1));
        assert_eq!(asked("bytes=0-0", Some("\"b\"")), Wanted::All, "it has changed meanwhile");
    }
}
