use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::link::Disposition;

/// All but `attr-char` of RFC 8187.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The header `Content-Disposition` (RFC 6266): the name once for old clients in ASCII, once as it is.
pub(crate) fn header(disposition: Disposition, name: &str) -> HeaderValue {
    let plain = |c: char| if c.is_ascii_alphanumeric() || " ._-()".contains(c) { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    let exact = utf8_percent_encode(name, ENCODED);
    let value = format!("{disposition}; filename=\"{ascii}\"; filename*=UTF-8''{exact}");
    HeaderValue::try_from(value).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_the_header() {
        let value = header(Disposition::Attachment, "a\";x=\r\ny%é.txt");
        assert_eq!(
            value.to_str().unwrap(),
            "attachment; filename=\"a__x___y__.txt\"; filename*=UTF-8''a%22%3Bx%3D%0D%0Ay%25%C3%A9.txt"
        );
    }
}
