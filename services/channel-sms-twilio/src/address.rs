//! Addresses of people and senders: `+12025550143`, `72345`, `whatsapp:+12025550143`.

use weft_twilio::is_number;

/// What stands before addresses on WhatsApp.
pub(crate) const WHATSAPP: &str = "whatsapp:";

/// Whether it is on another channel than SMS.
pub(crate) fn is_prefixed(address: &str) -> bool {
    address.contains(':')
}

/// The number in an address; none for short codes, names and ids of other kinds.
pub(crate) fn number(address: &str) -> Option<&str> {
    let bare = address.split_once(':').map_or(address, |(_, bare)| bare);
    is_number(bare).then_some(bare)
}

/// Whether SMS can be sent as this: a number, a short code, or a name.
pub(crate) fn is_sender(text: &str) -> bool {
    let is_code = (3..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_name = (1..=11).contains(&text.len())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" &_-+".contains(&byte));
    is_number(text) || is_code || is_name
}
