use serde_json::Value;

use crate::cli::print;

const FIELDS: &[&str] = &[
    "id",
    "state",
    "source",
    "reason",
    "words",
    "attempts",
    "first_at",
    "last_at",
    "stream",
    "subject",
    "event_type",
    "event_id",
    "key",
    "trace_id",
    "ended_at",
    "ended_by",
    "why",
];

/// One letter: its fields, then its body.
pub(super) fn letter(as_json: bool, letter: &Value) {
    if as_json {
        return print::json(letter);
    }
    for name in FIELDS {
        let text = match letter.get(*name) {
            Some(Value::String(text)) if !text.is_empty() => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => continue,
        };
        print::line(&format!("{name:<11} {text}"));
    }
    let text = |name: &str| letter.get(name).and_then(Value::as_str);
    match (text("body"), text("binary_body")) {
        (Some(body), _) => print::line(&format!("\n{}", pretty(body))),
        (None, Some(base64)) => print::line(&format!("\nnot text; in base64:\n{base64}")),
        (None, None) => print::line("\nthe body is gone"),
    }
}

fn pretty(body: &str) -> String {
    serde_json::from_str::<Value>(body).map_or_else(|_| body.to_owned(), |value| format!("{value:#}"))
}
