//! The names of this face, and the words behind them.

use serde_json::{Map, Value};
use uuid::Uuid;

/// How a visitor joins.
pub(super) const JOIN: &str = "join_session";
/// What pages say, and as which of our words.
pub(super) const SAID: [(&str, &str); 5] = [
    ("chat_message", "message"),
    ("typing", "typing"),
    ("delivered", "delivered"),
    ("read", "read"),
    ("catch_up", "catch_up"),
];

/// What a page said, as our own pages say it. Words alone are a message, and need no id of the page's own.
pub(super) fn frame(event: &str, body: Value) -> Value {
    let mut fields = match body {
        Value::Object(fields) => fields,
        Value::String(text) => Map::from_iter([("text".to_owned(), text.into())]),
        _ => Map::new(),
    };
    let word = SAID.iter().find(|(name, _)| *name == event).map_or(event, |(_, word)| word);
    if word == "message" {
        fields.entry("client_id").or_insert_with(|| Uuid::new_v4().to_string().into());
    }
    fields.insert("type".to_owned(), word.into());
    Value::Object(fields)
}

/// What we say, as an event with its body.
pub(super) fn event(frame: Value) -> (String, Value) {
    let Value::Object(mut fields) = frame else { return ("error".to_owned(), frame) };
    let word = fields.remove("type").and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default();
    if word != "message" {
        return (word, Value::Object(fields));
    }
    let message = fields.remove("message").unwrap_or_default();
    // the visitor's own come back with the history
    let is_own = message.get("direction").is_some_and(|direction| direction == "inbound");
    (if is_own { "chat_message" } else { "bot_response" }.to_owned(), message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_this_face_become_our_words_and_back() {
        assert_eq!(frame("read", json!({"seq": 3})), json!({"seq": 3, "type": "read"}));
        assert_eq!(frame("typing", Value::Null), json!({"type": "typing"}));
        let said = frame("chat_message", "hello".into());
        assert_eq!((&said["type"], &said["text"]), (&json!("message"), &json!("hello")));
        assert!(said["client_id"].is_string());
        assert_eq!(frame("chat_message", json!({"client_id": "x"}))["client_id"], "x");
        let told = |direction: &str| event(json!({"type": "message", "message": {"direction": direction}})).0;
        assert_eq!((told("outbound").as_str(), told("inbound").as_str()), ("bot_response", "chat_message"));
        assert_eq!(
            event(json!({"type": "error", "reason": "x"})),
            ("error".to_owned(), json!({"reason": "x"}))
        );
    }
}
