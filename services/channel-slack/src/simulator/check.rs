use serde_json::Value;

const MAX_TEXT: usize = 40_000;
const MAX_SECTION: usize = 3000;
const MAX_BLOCKS: usize = 50;
const MAX_BUTTONS: usize = 25;
const MAX_LABEL: usize = 75;
const MAX_VALUE: usize = 2000;

/// What Slack refuses of a message.
pub(super) fn message(body: &Value) -> Result<(), &'static str> {
    let words = text(body, "text");
    let blocks = body.get("blocks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if words.trim().is_empty() && blocks.is_empty() {
        return Err("no_text");
    }
    if words.chars().count() > MAX_TEXT {
        return Err("msg_too_long");
    }
    let is_fine = blocks.len() <= MAX_BLOCKS && blocks.iter().all(block);
    if is_fine { Ok(()) } else { Err("invalid_blocks") }
}

fn block(block: &Value) -> bool {
    match text(block, "type") {
        "section" => {
            let words = block.pointer("/text/text").and_then(Value::as_str).unwrap_or_default();
            (1..=MAX_SECTION).contains(&words.chars().count())
        }
        "actions" => {
            let elements = block.get("elements").and_then(Value::as_array);
            elements.is_some_and(|all| {
                (1..=MAX_BUTTONS).contains(&all.len()) && all.iter().all(button) && differ(all)
            })
        }
        _ => false,
    }
}

fn button(button: &Value) -> bool {
    let label = button.pointer("/text/text").and_then(Value::as_str).unwrap_or_default();
    text(button, "type") == "button"
        && (1..=MAX_LABEL).contains(&label.chars().count())
        && text(button, "value").chars().count() <= MAX_VALUE
}

fn differ(elements: &[Value]) -> bool {
    let mut ids: Vec<&str> = elements.iter().map(|element| text(element, "action_id")).collect();
    ids.sort_unstable();
    ids.windows(2).all(|pair| pair.first() != pair.last())
}

/// A field that is a text, or nothing.
pub(super) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
