use serde_json::Value;
use url::{Host, Url};

use super::api::Refusal;

const MAX_TEXT: usize = 7000;
const MAX_NAME: usize = 28;
const MAX_FILE: u64 = 50_000_000;

const MISSING: Refusal = Refusal(4, "missingData");
const BAD: Refusal = Refusal(3, "badData");

/// What the real one refuses of a message.
pub(super) fn message(message: &Value) -> Result<(), Refusal> {
    let text = |pointer: &str| message.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let needed = |pointer: &str| if text(pointer).is_empty() { Err(MISSING) } else { Ok(()) };
    let fetched = || match Url::parse(text("/media")) {
        Ok(url) if is_callable(&url) => Ok(()),
        _ => Err(BAD),
    };
    let sized = || match message.get("size").and_then(Value::as_u64) {
        None => Err(MISSING),
        Some(size) if size > MAX_FILE => Err(BAD),
        Some(_) => Ok(()),
    };
    needed("/sender/name")?;
    if text("/sender/name").chars().count() > MAX_NAME || text("/text").chars().count() > MAX_TEXT {
        return Err(BAD);
    }
    match text("/type") {
        "text" => needed("/text"),
        "picture" => fetched(),
        "video" => fetched().and_then(|()| sized()),
        "file" => fetched().and_then(|()| sized()).and_then(|()| needed("/file_name")),
        "contact" => needed("/contact/phone_number"),
        "location" if message.pointer("/location/lat").is_some_and(Value::is_number) => Ok(()),
        "location" => Err(MISSING),
        _ => Err(BAD),
    }
}

/// Whether an address may be called: HTTPS, or the machine itself.
pub(super) fn is_callable(url: &Url) -> bool {
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || is_local
}
