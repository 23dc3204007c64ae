//! Words of headers that are encoded (RFC 2047).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use mail_parser::decoders::{charsets::map::charset_decoder, quoted_printable::quoted_printable_decode};

/// The text of a header's value. A letter may be split over two words; a word that cannot be read stays as it is.
pub(super) fn decoded(value: &str) -> String {
    let mut text = String::new();
    let mut rest = value;
    // of words of one character set behind each other, and not yet text
    let mut open: Option<(String, Vec<u8>)> = None;
    while let Some((before, after)) = rest.split_once("=?") {
        let Some((charset, bytes, behind)) = word(after) else {
            close(&mut text, open.take());
            text.push_str(before);
            text.push_str("=?");
            rest = after;
            continue;
        };
        let follows = open.is_some() && before.trim().is_empty();
        match &mut open {
            Some((same, all)) if follows && same.eq_ignore_ascii_case(charset) => all.extend(bytes),
            _ => {
                close(&mut text, open.take());
                if !follows {
                    text.push_str(before);
                }
                open = Some((charset.to_owned(), bytes));
            }
        }
        rest = behind;
    }
    close(&mut text, open);
    text.push_str(rest);
    text
}

/// The character set and the bytes of a word whose beginning has been read, and what stands behind it.
fn word(text: &str) -> Option<(&str, Vec<u8>, &str)> {
    let (charset, rest) = text.split_once('?')?;
    let (encoding, rest) = rest.split_once('?')?;
    let (content, behind) = rest.split_once("?=")?;
    // a language may follow (RFC 2231)
    let charset = charset.split('*').next().unwrap_or_default();
    let is_known = charset.eq_ignore_ascii_case("us-ascii")
        || charset_decoder(charset.as_bytes()).is_some()
        || is_utf8(charset);
    let bytes = match encoding {
        "B" | "b" => STANDARD.decode(content).ok()?,
        "Q" | "q" => quoted_printable_decode(content.replace('_', " ").as_bytes())?,
        _ => return None,
    };
    is_known.then_some((charset, bytes, behind))
}

fn close(text: &mut String, open: Option<(String, Vec<u8>)>) {
    let Some((charset, bytes)) = open else { return };
    match charset_decoder(charset.as_bytes()).filter(|_| !is_utf8(&charset)) {
        Some(decode) => text.push_str(&decode(&bytes)),
        None => text.push_str(&String::from_utf8_lossy(&bytes)),
    }
}

fn is_utf8(charset: &str) -> bool {
    charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_together_and_others_left_alone() {
        let table = [
            ("plain", "plain"),
            ("=?utf-8?Q?Gr=C3=BC=C3=9Fe?= an =?utf-8?q?alle_hier?=", "Grüße an alle hier"),
            ("=?utf-8?B?R3LD?= =?UTF-8?B?vMOfZQ==?=", "Grüße"),
            ("=?utf-8?Q?a?=   =?iso-8859-1?Q?=E4?=", "aä"),
            ("=?utf-8*de?Q?a?=b", "ab"),
            (
                "x =?utf-8?X?bad?= =?no-such?Q?bad?= =?utf-8?B?***?=",
                "x =?utf-8?X?bad?= =?no-such?Q?bad?= =?utf-8?B?***?=",
            ),
            ("=?", "=?"),
            ("=?utf-8?Q?never", "=?utf-8?Q?never"),
        ];
        for (value, text) in table {
            assert_eq!(decoded(value), text, "{value}");
        }
    }
}
