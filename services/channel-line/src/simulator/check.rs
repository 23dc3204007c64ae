use http::StatusCode;
use serde_json::Value;
use url::{Host, Url};

use super::{api::Refusal, state::State};

const MAX_TEXT: usize = 5000;
const MAX_QUICK_REPLIES: usize = 13;

/// What the real one refuses of a push.
pub(super) fn push(state: &State, to: &str, messages: &[Value]) -> Result<(), Refusal> {
    let is_group = to.starts_with(['C', 'R']);
    if !is_group && !state.customers.contains_key(to) {
        let words = "The property, 'to', in the request body is invalid (line: -, column: -)";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, words));
    }
    if !(1..=5).contains(&messages.len()) {
        return Err(Refusal::field("messages", "Size must be between 1 and 5"));
    }
    messages.iter().enumerate().try_for_each(|(index, message)| {
        self::message(message)
            .map_err(|(field, why)| Refusal::field(&format!("messages[{index}].{field}"), why))
    })
}

/// Whether a webhook may be there: HTTPS, or the machine itself.
pub(super) fn is_callable(url: &Url) -> bool {
    let is_local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || is_local
}

fn message(message: &Value) -> Result<(), (&'static str, &'static str)> {
    let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
    let needed = |name: &'static str| {
        if text(name).is_empty() { Err((name, "May not be empty")) } else { Ok(()) }
    };
    let address = |name: &'static str| match Url::parse(text(name)) {
        Ok(url) if is_callable(&url) => Ok(()),
        _ => Err((name, "Must be an HTTPS URL")),
    };
    match text("type") {
        "text" => needed("text")?,
        "image" | "video" => {
            address("originalContentUrl")?;
            address("previewImageUrl")?;
        }
        "location" => {
            needed("title")?;
            needed("address")?;
        }
        _ => return Err(("type", "Must be one of the message types")),
    }
    if text("text").encode_utf16().count() > MAX_TEXT {
        return Err(("text", "Length must be between 0 and 5000"));
    }
    let items = message.pointer("/quickReply/items").and_then(Value::as_array);
    if items.is_some_and(|items| items.len() > MAX_QUICK_REPLIES) {
        return Err(("quickReply.items", "Size must be between 1 and 13"));
    }
    Ok(())
}
