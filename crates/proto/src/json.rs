//! Proto3 JSON as Weft speaks it.

use bytes::Bytes;
use prost::Message;
use prost_reflect::{
    DeserializeOptions, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage,
    SerializeOptions, Value as Field,
};
use serde::de::DeserializeSeed;
use serde_json::{Map, Value};
use weft_domain::Error;

const OUT: SerializeOptions = SerializeOptions::new()
    .stringify_64_bit_integers(false)
    .use_proto_field_name(true)
    .skip_default_fields(false);

/// A message as a JSON value; absent messages and optional fields are `null`, so that the shape is always the same.
pub fn to_value(message: &DynamicMessage) -> Result<Value, Error> {
    let mut value =
        message.serialize_with_options(serde_json::value::Serializer, &OUT).map_err(Error::internal)?;
    if let Value::Object(fields) = &mut value {
        fill_absent(message, fields);
    }
    Ok(value)
}

/// A generated message as a JSON value.
pub fn message_to_value<M: ReflectMessage>(message: &M) -> Result<Value, Error> {
    to_value(&message.transcode_to_dynamic())
}

/// A generated message as JSON bytes: the body of an event.
pub fn encode<M: ReflectMessage>(message: &M) -> Result<Bytes, Error> {
    let dynamic = message.transcode_to_dynamic();
    let mut body = Vec::with_capacity(256);
    let mut serializer = serde_json::Serializer::new(&mut body);
    dynamic
        .serialize_with_options(&mut serializer, &OUT.skip_default_fields(true))
        .map_err(Error::internal)?;
    Ok(body.into())
}

/// Reads an event's body. Unknown fields and enum values are ignored.
pub fn decode<M: ReflectMessage + Message + Default>(body: &[u8]) -> Result<M, Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let dynamic = DynamicMessage::deserialize_with_options(
        M::default().descriptor(),
        &mut deserializer,
        &DeserializeOptions::new().deny_unknown_fields(false),
    )
    .map_err(|error| Error::invalid("unreadable_event", error.to_string()))?;
    dynamic.transcode_to().map_err(|error| Error::invalid("unreadable_event", error.to_string()))
}

/// Reads a request's body. Unknown fields are refused; the error names the field at fault.
pub fn read_request(descriptor: MessageDescriptor, value: Value) -> Result<DynamicMessage, Error> {
    struct Seed(MessageDescriptor);
    impl<'de> DeserializeSeed<'de> for Seed {
        type Value = DynamicMessage;
        fn deserialize<D: serde::Deserializer<'de>>(
            self,
            deserializer: D,
        ) -> Result<DynamicMessage, D::Error> {
            DynamicMessage::deserialize_with_options(self.0, deserializer, &DeserializeOptions::new())
        }
    }
    let mut track = serde_path_to_error::Track::new();
    let deserializer = serde_path_to_error::Deserializer::new(value, &mut track);
    Seed(descriptor).deserialize(deserializer).map_err(|error: serde_json::Error| {
        let text = error.to_string();
        let path = track.path().to_string();
        let field = unknown_field(&text).map_or_else(
            || path.clone(),
            |name| if path == "." || path.ends_with(&name) { name.clone() } else { format!("{path}.{name}") },
        );
        let error = Error::invalid("invalid_body", format!("the body is not as expected: {text}"));
        if field == "." { error } else { error.with_field(field.trim_start_matches('.')) }
    })
}

fn unknown_field(text: &str) -> Option<String> {
    text.split_once("unrecognized field name '")
        .and_then(|(_, rest)| rest.split_once('\''))
        .map(|(name, _)| name.to_owned())
}

/// Puts a `null` where an optional field or a message is absent. Fields of a oneof are left out: their name is the choice.
fn fill_absent(message: &DynamicMessage, fields: &mut Map<String, Value>) {
    for field in message.descriptor().fields() {
        if !message.has_field(&field) {
            let in_real_oneof = field.containing_oneof().is_some_and(|oneof| !oneof.is_synthetic());
            if field.supports_presence() && !in_real_oneof {
                fields.insert(field.name().to_owned(), Value::Null);
            }
            continue;
        }
        if let Some(inner) = fields.get_mut(field.name()) {
            fill_absent_in(&field, &message.get_field(&field), inner);
        }
    }
}

fn fill_absent_in(field: &FieldDescriptor, value: &Field, json: &mut Value) {
    if !matches!(field.kind(), Kind::Message(_)) {
        return;
    }
    match (value, json) {
        (Field::Message(message), Value::Object(fields)) if !is_well_known(message) => {
            fill_absent(message, fields)
        }
        (Field::List(list), Value::Array(items)) => {
            for (value, json) in list.iter().zip(items) {
                fill_absent_in(field, value, json);
            }
        }
        _ => {}
    }
}

fn is_well_known(message: &DynamicMessage) -> bool {
    message.descriptor().full_name().starts_with("google.protobuf.")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conversation::v1::{
        Conversation, Message as ChatMessage, UpdateConversationRequest, conversation,
    };

    #[test]
    fn enums_are_lower_case_and_absent_messages_are_null() {
        let value = message_to_value(&Conversation {
            id: "conv_x".into(),
            status: conversation::Status::Open.into(),
            last_seq: 9_007_199_254_740_993,
            last_message: Some(ChatMessage::default()),
            ..Default::default()
        })
        .unwrap();
        assert_eq!(value["status"], "open");
        assert_eq!(value["assignee"], Value::Null);
        assert_eq!(value["waiting_since"], Value::Null);
        assert_eq!(value["unread_count"], 0);
        assert_eq!(value["last_seq"], 9_007_199_254_740_993_u64);
        assert_eq!(value["last_message"]["location"], Value::Null);
        assert_eq!(value["last_message"]["attachments"], json!([]));
    }

    #[test]
    fn a_request_with_an_unknown_or_wrong_field_is_refused_by_name() {
        let descriptor = UpdateConversationRequest::default().descriptor();
        let error = read_request(descriptor.clone(), json!({"statsu": "open"})).unwrap_err();
        assert_eq!(error.field(), Some("statsu"));
        let error = read_request(descriptor, json!({"status": 7})).unwrap_err();
        assert_eq!(error.field(), Some("status"));
    }

    #[test]
    fn an_event_with_unknown_fields_and_enum_values_is_still_read() {
        let body = br#"{"id":"msg_x","state":"teleported","kind":"text","added_later":{"a":1}}"#;
        let message: ChatMessage = decode(body).unwrap();
        assert_eq!(message.id, "msg_x");
        let again: ChatMessage = decode(&encode(&message).unwrap()).unwrap();
        assert_eq!(again, message);
    }
}
