use std::collections::HashSet;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};
use weft_proto::{
    Comments,
    operation::{self, field_rules},
};

/// The messages as JSON Schemas, by their names; those that are referred to are added.
pub(super) struct Schemas<'a> {
    comments: &'a Comments,
    /// Messages that callers send: what may be left out of them differs from what we show.
    inputs: HashSet<String>,
    done: Map<String, Value>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(comments: &'a Comments) -> Self {
        let mut inputs = HashSet::new();
        operation::all().iter().for_each(|operation| collect(&operation.input, &mut inputs));
        Self { comments, inputs, done: Map::from_iter([("Problem".to_owned(), problem())]) }
    }

    pub(super) fn finish(self) -> Map<String, Value> {
        self.done
    }

    /// A reference to a message's schema.
    pub(super) fn message(&mut self, message: &MessageDescriptor) -> Value {
        let name = name_of(message);
        if !self.done.contains_key(&name) {
            // first, since messages may hold themselves
            self.done.insert(name.clone(), Value::Null);
            let schema = self.object(message, |_| true);
            self.done.insert(name.clone(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// The schema of those fields of a message that `wanted` wants.
    pub(super) fn object(
        &mut self,
        message: &MessageDescriptor,
        wanted: impl Fn(&FieldDescriptor) -> bool,
    ) -> Value {
        let is_input = self.inputs.contains(message.full_name());
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for field in message.fields().filter(wanted) {
            let is_choice = field.containing_oneof().is_some_and(|oneof| !oneof.is_synthetic());
            if (is_input && field_rules(&field).required) || (!is_input && !is_choice) {
                required.push(Value::from(field.name()));
            }
            properties.insert(field.name().to_owned(), self.field(&field));
        }
        let mut schema = json!({"type": "object", "properties": properties});
        put_if(&mut schema, "required", Value::from(required.clone()), !required.is_empty());
        put_if(&mut schema, "additionalProperties", false.into(), is_input);
        let about = self.comments.of(message.parent_file().name(), message.path()).unwrap_or_default();
        put_if(&mut schema, "description", about.into(), !about.is_empty());
        schema
    }

    /// The schema of a field's values.
    pub(super) fn field(&mut self, field: &FieldDescriptor) -> Value {
        let one = self.value(field);
        let mut schema = match (field.is_list(), is_nullable(field)) {
            (true, _) => json!({"type": "array", "items": one}),
            (false, true) => nullable(one),
            (false, false) => one,
        };
        let about = self.about(field);
        put_if(&mut schema, "description", about.into(), !about.is_empty());
        put_if(&mut schema, "writeOnly", true.into(), field_rules(field).secret && self.is_input(field));
        schema
    }

    /// The same without null, for what is in a path or a query.
    pub(super) fn parameter(&mut self, field: &FieldDescriptor) -> Value {
        let one = self.value(field);
        if field.is_list() { json!({"type": "array", "items": one}) } else { one }
    }

    pub(super) fn about(&self, field: &FieldDescriptor) -> &'a str {
        self.comments.of(field.parent_file().name(), field.path()).unwrap_or_default()
    }

    fn is_input(&self, field: &FieldDescriptor) -> bool {
        self.inputs.contains(field.parent_message().full_name())
    }

    fn value(&mut self, field: &FieldDescriptor) -> Value {
        match field.kind() {
            Kind::String => text(field),
            Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            Kind::Bool => json!({"type": "boolean"}),
            Kind::Double | Kind::Float => json!({"type": "number", "format": "double"}),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => json!({"type": "integer", "format": "int32"}),
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => json!({"type": "integer", "format": "int64"}),
            Kind::Uint32 | Kind::Fixed32 => {
                json!({"type": "integer", "format": "int64", "minimum": 0, "maximum": u32::MAX})
            }
            Kind::Uint64 | Kind::Fixed64 => json!({"type": "integer", "format": "uint64", "minimum": 0}),
            Kind::Enum(kinds) => {
                let named = kinds.values().filter(|value| !value.name().ends_with("_unspecified"));
                let names: Vec<String> = named.map(|value| value.name().to_owned()).collect();
                json!({"type": "string", "enum": names})
            }
            Kind::Message(message) => match message.full_name() {
                "google.protobuf.Timestamp" => json!({"type": "string", "format": "date-time"}),
                "google.protobuf.Value" => {
                    json!({"description": "Text, a number, true, false, or a list of these."})
                }
                "google.protobuf.Struct" => json!({"type": "object", "additionalProperties": true}),
                _ => self.message(&message),
            },
        }
    }
}

/// `Conversation.Via` is `ConversationVia`: the names are the same in all packages, and a test keeps them apart.
fn name_of(message: &MessageDescriptor) -> String {
    let full_name = message.full_name();
    let name = full_name.strip_prefix(message.package_name()).unwrap_or(full_name);
    name.replace('.', "")
}

fn collect(message: &MessageDescriptor, names: &mut HashSet<String>) {
    if !names.insert(message.full_name().to_owned()) {
        return;
    }
    for field in message.fields() {
        if let Kind::Message(inner) = field.kind() {
            collect(&inner, names);
        }
    }
}

fn text(field: &FieldDescriptor) -> Value {
    let rules = field_rules(field);
    let mut schema = json!({"type": "string"});
    put_if(&mut schema, "minLength", 1.into(), rules.required && rules.id.is_empty());
    put_if(&mut schema, "maxLength", rules.max_chars.into(), rules.max_chars > 0);
    let example = format!("{}_01h455vb4pex5vsknk084sn02q", rules.id);
    put_if(&mut schema, "examples", json!([example]), !rules.id.is_empty());
    schema
}

fn is_nullable(field: &FieldDescriptor) -> bool {
    let in_real_oneof = field.containing_oneof().is_some_and(|oneof| !oneof.is_synthetic());
    field.supports_presence() && !in_real_oneof
}

fn nullable(mut schema: Value) -> Value {
    if let Some(kind) = schema.get("type").cloned() {
        put_if(&mut schema, "type", json!([kind, "null"]), true);
        return schema;
    }
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn put_if(schema: &mut Value, key: &str, value: Value, condition: bool) {
    if let (true, Value::Object(fields)) = (condition, schema) {
        fields.insert(key.to_owned(), value);
    }
}

fn problem() -> Value {
    let text = |about: &str| json!({"type": "string", "description": about});
    json!({
        "type": "object",
        "description": "RFC 9457.",
        "required": ["type", "title", "status", "detail", "code", "reason"],
        "properties": {
            "type": {"type": "string", "format": "uri", "description": "A page about the reason."},
            "title": text("The kind of failure, in plain words."),
            "status": {"type": "integer"},
            "detail": text("What to do about it."),
            "code": text("The kind of failure: one of a few."),
            "reason": text("The stable word for programs."),
            "field": text("The field at fault, as a path."),
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["field", "message"],
                    "properties": {"field": text("The field's path."), "message": text("What is wrong with it.")}
                }
            },
            "instance": text("The trace, for those who run Weft.")
        }
    })
}
