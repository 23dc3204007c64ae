use std::borrow::Cow;

use mail_parser::{
    Encoding, Message, MessagePart, MimeHeaders as _, PartType,
    decoders::{
        base64::base64_decode, charsets::map::charset_decoder, quoted_printable::quoted_printable_decode,
    },
};

/// The words of a text part of this mail. Programs that name no character set, one that does not exist, or ASCII, mostly mean UTF-8;
/// and what is no UTF-8 is what Windows wrote.
pub(super) fn words<'a>(message: &'a Message<'_>, part: &'a MessagePart<'_>) -> Cow<'a, str> {
    let (PartType::Text(read) | PartType::Html(read)) = &part.body else { return Cow::Borrowed("") };
    let named =
        part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or_default().to_lowercase();
    let is_vague = matches!(named.as_str(), "" | "utf-8" | "utf8" | "us-ascii" | "ascii")
        || charset_decoder(named.as_bytes()).is_none();
    let is_read = !is_vague || (read.is_ascii() && !read.contains('\u{1b}'));
    if is_read && !part.is_encoding_problem {
        return Cow::Borrowed(read);
    }
    let Some(raw) = raw(message, part) else { return Cow::Borrowed(read) };
    match String::from_utf8(raw) {
        Ok(text) => Cow::Owned(text),
        Err(error) => {
            let windows = charset_decoder(b"windows-1252").map(|decode| decode(error.as_bytes()));
            windows.map_or(Cow::Borrowed(read), Cow::Owned)
        }
    }
}

/// The bytes of a part, its encoding for the way taken off.
fn raw(message: &Message<'_>, part: &MessagePart<'_>) -> Option<Vec<u8>> {
    let at = |offset: u32| usize::try_from(offset).ok();
    let bytes = message.raw_message.get(at(part.offset_body)?..at(part.offset_end)?)?;
    let claims = |encoding: &str| {
        part.content_transfer_encoding().is_some_and(|named| named.trim().eq_ignore_ascii_case(encoding))
    };
    match part.encoding {
        Encoding::None if part.is_encoding_problem && claims("base64") => decodable(bytes),
        Encoding::None => Some(bytes.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(bytes),
        Encoding::Base64 => base64_decode(bytes).or_else(|| decodable(bytes)),
    }
}

/// What can be decoded of something that is not quite base64.
fn decodable(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
    let mut letters: Vec<u8> = bytes.iter().copied().filter(is_letter).collect();
    letters.truncate(letters.len() / 4 * 4);
    base64_decode(&letters)
}
