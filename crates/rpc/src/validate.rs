use prost_reflect::{DynamicMessage, FieldDescriptor, ReflectMessage, Value};
use weft_domain::{Error, Result};
use weft_proto::operation::field_rules;

/// Checks what `proto/` says of fields: required, longest text, kind of id. The error names the field.
pub fn validate(message: &DynamicMessage) -> Result<()> {
    check(message, "")
}

fn check(message: &DynamicMessage, path: &str) -> Result<()> {
    for field in message.descriptor().fields() {
        let name = if path.is_empty() { field.name().to_owned() } else { format!("{path}.{}", field.name()) };
        let rules = field_rules(&field);
        if !message.has_field(&field) {
            if rules.required {
                return Err(
                    Error::invalid("missing_field", format!("`{name}` is required")).with_field(&name)
                );
            }
            continue;
        }
        check_value(&field, &message.get_field(&field), &name)?;
    }
    Ok(())
}

fn check_value(field: &FieldDescriptor, value: &Value, name: &str) -> Result<()> {
    match value {
        Value::String(text) => check_text(field, text, name),
        Value::Message(inner) if !inner.descriptor().full_name().starts_with("google.protobuf.") => {
            check(inner, name)
        }
        Value::List(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(n, item)| check_value(field, item, &format!("{name}[{n}]"))),
        _ => Ok(()),
    }
}

fn check_text(field: &FieldDescriptor, text: &str, name: &str) -> Result<()> {
    let rules = field_rules(field);
    if rules.required && text.trim().is_empty() {
        return Err(Error::invalid("missing_field", format!("`{name}` must not be empty")).with_field(name));
    }
    let longest = usize::try_from(rules.max_chars).unwrap_or(usize::MAX);
    if longest > 0 && text.len() > longest && text.chars().count() > longest {
        return Err(Error::invalid(
            "too_long",
            format!("`{name}` must be at most {longest} characters long"),
        )
        .with_field(name));
    }
    if text.contains('\0') {
        return Err(Error::invalid_field(name, format!("`{name}` must not contain NUL characters")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn send(body: serde_json::Value) -> Result<()> {
        let operation = weft_proto::operation::find("/weft.conversation.v1.Messages/SendMessage").unwrap();
        validate(&weft_proto::json::read_request(operation.input.clone(), body)?)
    }

    #[test]
    fn the_field_at_fault_is_named_by_its_path() {
        assert!(send(json!({"conversation_id": "conv_x", "text": "hi"})).is_ok());
        assert_eq!(send(json!({"text": "hi"})).unwrap_err().field(), Some("conversation_id"));
        assert_eq!(
            send(json!({"conversation_id": "c", "text": "x".repeat(20_001)})).unwrap_err().field(),
            Some("text")
        );
        let button = json!({"conversation_id": "c", "buttons": [{"title": "ok"}, {"title": "é".repeat(65)}]});
        assert_eq!(send(button).unwrap_err().field(), Some("buttons[1].title"));
        assert!(
            send(json!({"conversation_id": "c", "buttons": [{"title": "é".repeat(64)}]})).is_ok(),
            "characters, not bytes"
        );
        assert_eq!(
            send(json!({"conversation_id": "c", "attachments": [{}]})).unwrap_err().field(),
            Some("attachments[0].id")
        );
    }
}
