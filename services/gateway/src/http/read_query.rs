use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Number, Value};
use weft_domain::{Error, Result};

/// The query's parameters as the JSON they stand for. A parameter that is no field is refused by name.
pub(crate) fn read(query: &str, input: &MessageDescriptor) -> Result<Map<String, Value>> {
    let mut fields = Map::new();
    for (name, text) in url::form_urlencoded::parse(query.as_bytes()) {
        let field = input.get_field_by_name(&name).ok_or_else(|| unknown(&name))?;
        let value = read_value(&field, &text)?;
        if field.is_list() {
            match fields.entry(name.into_owned()).or_insert_with(|| Value::Array(Vec::new())) {
                Value::Array(items) => items.push(value),
                other => *other = value,
            }
        } else if fields.insert(name.clone().into_owned(), value).is_some() {
            return Err(Error::invalid_field(&name, format!("`{name}` may be given once")));
        }
    }
    Ok(fields)
}

/// A parameter of an address that takes none.
pub(crate) fn unknown(name: &str) -> Error {
    Error::invalid("unknown_parameter", format!("there is no parameter `{name}` here")).with_field(name)
}

fn read_value(field: &FieldDescriptor, text: &str) -> Result<Value> {
    match field.kind() {
        Kind::String | Kind::Enum(_) => Ok(text.into()),
        Kind::Bool => text.parse().map(Value::Bool).map_err(|_| misfit(field, "`true` or `false`")),
        Kind::Float | Kind::Double => {
            let number = text.parse().ok().and_then(Number::from_f64);
            number.map(Value::Number).ok_or_else(|| misfit(field, "a number"))
        }
        Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp" => Ok(text.into()),
        Kind::Message(message) if message.package_name() == field.parent_message().package_name() => {
            serde_json::from_str(text).map_err(|_| misfit(field, "JSON"))
        }
        Kind::Message(_) | Kind::Bytes => Err(unknown(field.name())),
        _whole => whole_number(text).ok_or_else(|| misfit(field, "a whole number")),
    }
}

fn whole_number(text: &str) -> Option<Value> {
    text.parse::<u64>().map(Value::from).or_else(|_| text.parse::<i64>().map(Value::from)).ok()
}

fn misfit(field: &FieldDescriptor, expected: &str) -> Error {
    Error::invalid_field(field.name(), format!("`{}` must be {expected}", field.name()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list_conversations(query: &str) -> Result<Value> {
        let operation =
            weft_proto::operation::find("/weft.conversation.v1.Conversations/ListConversations").unwrap();
        read(query, &operation.input).map(Value::Object)
    }

    #[test]
    fn parameters_become_what_their_fields_are() {
        assert_eq!(
            list_conversations("page_size=5&unread=true&status=open&assignee=a%20b").unwrap(),
            json!({"page_size": 5, "unread": true, "status": "open", "assignee": "a b"})
        );
        let filter = r#"filter={"field":"tag","op":"is","value":"vip%26co"}"#;
        let expected = json!({"filter": {"field": "tag", "op": "is", "value": "vip&co"}});
        assert_eq!(list_conversations(filter).unwrap(), expected);
    }

    #[test]
    fn a_parameter_that_does_not_fit_is_named() {
        for (query, field) in [
            ("pagesize=5", "pagesize"),
            ("pageSize=5", "pageSize"),
            ("page_size=five", "page_size"),
            ("page_size=", "page_size"),
            ("page_size=5&page_size=6", "page_size"),
            ("unread=yes", "unread"),
            ("filter=tag", "filter"),
        ] {
            assert_eq!(list_conversations(query).unwrap_err().field(), Some(field), "{query}");
        }
    }
}
