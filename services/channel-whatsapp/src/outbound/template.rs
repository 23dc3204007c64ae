use serde_json::{Value, json};
use weft_channel::{
    ChannelTemplate, Filled, Outbound, SendError, Template,
    channel_template::{button, heading},
};

use super::content::{Content, place};

/// A template with its values; `media` is the file above it, which has gone up before.
pub(super) fn of(message: &Outbound, filled: &Filled, media: Option<&str>) -> Result<Content, SendError> {
    let unknown = || SendError::message_invalid("it does not say which template it is");
    let (template, values) = filled.template.as_ref().zip(filled.values.as_ref()).ok_or_else(unknown)?;
    let heading = above(message, template, values, media);
    let mut components: Vec<Value> =
        heading.map(|parameter| component("header", vec![parameter])).into_iter().collect();
    if !template.variables.is_empty() {
        let named = template.variables.iter().zip(&values.variables);
        let parameters = named.map(|(name, value)| text(name, value)).collect();
        components.push(component("body", parameters));
    }
    components.extend(buttons(template, values));
    let mut body = json!({"name": template.name, "language": {"code": template.language}});
    if let (Some(fields), false) = (body.as_object_mut(), components.is_empty()) {
        fields.insert("components".to_owned(), components.into());
    }
    Ok(Content::new("template", body))
}

/// The kind of file that stands above it, as Meta calls it.
pub(super) fn media_kind(filled: &Filled) -> Result<&'static str, SendError> {
    let heading = filled.template.as_ref().and_then(|template| template.heading.as_ref());
    match heading.map(|heading| heading.kind()) {
        Some(heading::Kind::Image) => Ok("image"),
        Some(heading::Kind::Video) => Ok("video"),
        Some(heading::Kind::File) => Ok("document"),
        _ => Err(SendError::message_invalid("no file stands above this template")),
    }
}

fn above(
    message: &Outbound,
    template: &ChannelTemplate,
    values: &Template,
    media: Option<&str>,
) -> Option<Value> {
    let heading = template.heading.as_ref()?;
    match heading.kind() {
        heading::Kind::Text if !heading.variable.is_empty() => Some(text(&heading.variable, &values.heading)),
        heading::Kind::Location => {
            Some(json!({"type": "location", "location": place(message.location.as_ref()?)}))
        }
        heading::Kind::Image => Some(json!({"type": "image", "image": {"id": media?}})),
        heading::Kind::Video => Some(json!({"type": "video", "video": {"id": media?}})),
        heading::Kind::File => {
            let name = message.attachments.first().map(|file| file.name.as_str()).unwrap_or_default();
            Some(json!({"type": "document", "document": {"id": media?, "filename": name}}))
        }
        _ => None,
    }
}

/// Those of the buttons that this message says something of.
fn buttons(template: &ChannelTemplate, values: &Template) -> Vec<Value> {
    let given = template.buttons.iter().zip(&values.buttons).enumerate();
    let given = given.filter(|(_, (_, value))| !value.is_empty());
    let component = |(index, (button, value)): (
        usize,
        (&weft_channel::channel_template::Button, &String),
    )| {
        let (sub_type, parameter) = match button.kind() {
            button::Kind::Reply => ("quick_reply", json!({"type": "payload", "payload": value})),
            button::Kind::Link => ("url", json!({"type": "text", "text": value})),
            _ => return None,
        };
        Some(
            json!({"type": "button", "sub_type": sub_type, "index": index.to_string(), "parameters": [parameter]}),
        )
    };
    given.filter_map(component).collect()
}

fn component(kind: &str, parameters: Vec<Value>) -> Value {
    json!({"type": kind, "parameters": parameters})
}

/// A number is its own place; any other name has to be said.
fn text(name: &str, value: &str) -> Value {
    let is_place = name.bytes().all(|byte| byte.is_ascii_digit());
    if is_place {
        return json!({"type": "text", "text": value});
    }
    json!({"type": "text", "parameter_name": name, "text": value})
}
