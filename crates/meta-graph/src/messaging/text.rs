use serde_json::{Map, Value, json};
use weft_channel::{
    Button, Outbound, SendError,
    plan::{buttons_as_text, payload},
};

/// The longest text above buttons that stay.
const MAX_TEMPLATE_TEXT: usize = 640;
const MAX_TEMPLATE_BUTTONS: usize = 3;

/// How long a text may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// In characters.
    pub chars: usize,
    /// In bytes, where those are counted.
    pub bytes: Option<usize>,
}

/// The words of a part, as the graph takes them.
#[derive(Debug)]
pub struct Words {
    /// The fields of a message.
    pub fields: Map<String, Value>,
    /// What did not go as the agent wrote it.
    pub warnings: Vec<String>,
}

/// The text of a part with its choices: to be touched once below it, to stay in a template where one opens an address,
/// or written out.
pub fn words(message: &Outbound, limits: Limits) -> Result<Words, SendError> {
    if message.text.trim().is_empty() && message.buttons.is_empty() {
        return Err(SendError::message_invalid("it is empty"));
    }
    let has_text = !message.text.trim().is_empty();
    let opens_something = message.buttons.iter().any(|button| button.url.is_some());
    if message.buttons.is_empty() || has_text && !opens_something {
        let mut fields = Map::from_iter([("text".to_owned(), json!(message.text))]);
        fields.extend(quick_replies(&message.buttons));
        return Ok(Words { fields, warnings: Vec::new() });
    }
    if has_text
        && message.text.chars().count() <= MAX_TEMPLATE_TEXT
        && message.buttons.len() <= MAX_TEMPLATE_BUTTONS
    {
        let buttons: Vec<Value> = message.buttons.iter().map(template_button).collect();
        let payload = json!({"template_type": "button", "text": message.text, "buttons": buttons});
        let attachment = json!({"type": "template", "payload": payload});
        let fields = Map::from_iter([("attachment".to_owned(), attachment)]);
        return Ok(Words { fields, warnings: Vec::new() });
    }
    written_out(message, limits)
}

/// A file as the graph takes it, with choices to be touched once below it.
pub fn attachment(message: &Outbound, kind: &str, payload: Value) -> Result<Map<String, Value>, SendError> {
    if message.buttons.iter().any(|button| button.url.is_some()) {
        let why = "a choice that opens an address cannot stand under a file; send it as a message of its own";
        return Err(SendError::message_invalid(why));
    }
    let mut fields = Map::from_iter([("attachment".to_owned(), json!({"type": kind, "payload": payload}))]);
    fields.extend(quick_replies(&message.buttons));
    Ok(fields)
}

/// Choices under a message, gone once one is touched; none when there are none, or one opens an address.
fn quick_replies(buttons: &[Button]) -> Option<(String, Value)> {
    if buttons.is_empty() || buttons.iter().any(|button| button.url.is_some()) {
        return None;
    }
    let reply =
        |button: &Button| json!({"content_type": "text", "title": button.title, "payload": payload(button)});
    Some(("quick_replies".to_owned(), buttons.iter().map(reply).collect()))
}

fn template_button(button: &Button) -> Value {
    match &button.url {
        Some(url) => json!({"type": "web_url", "title": button.title, "url": url}),
        None => json!({"type": "postback", "title": button.title, "payload": payload(button)}),
    }
}

fn written_out(message: &Outbound, limits: Limits) -> Result<Words, SendError> {
    let text = format!("{}\n\n{}", message.text, buttons_as_text(&message.buttons)).trim().to_owned();
    if text.chars().count() > limits.chars || limits.bytes.is_some_and(|most| text.len() > most) {
        return Err(SendError::message_invalid("it is too long together with its choices"));
    }
    let warning = "these choices cannot be shown as buttons: they were sent as numbered text".to_owned();
    Ok(Words { fields: Map::from_iter([("text".to_owned(), json!(text))]), warnings: vec![warning] })
}
