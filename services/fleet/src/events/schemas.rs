use prost_reflect::{EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};
use weft_proto::{Comments, operation::field_rules};

/// Bodies as JSON Schemas (draft 7, which AsyncAPI takes), by name; messages that are referred to are added.
pub(super) struct Schemas<'a> {
    comments: &'a Comments,
    done: Map<String, Value>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(comments: &'a Comments) -> Self {
        Self { comments, done: Map::new() }
    }

    pub(super) fn finish(mut self) -> Map<String, Value> {
        self.done.sort_keys();
        self.done
    }

    /// A reference to a message's schema.
    pub(super) fn message(&mut self, message: &MessageDescriptor) -> Value {
        let name = name_of(message);
        if !self.done.contains_key(&name) {
            // first, since messages may hold themselves
            self.done.insert(name.clone(), Value::Null);
            let schema = self.object(message);
            self.done.insert(name.clone(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    fn object(&mut self, message: &MessageDescriptor) -> Value {
        let fields = message.fields().map(|field| (field.name().to_owned(), self.field(&field)));
        let properties: Map<String, Value> = fields.collect();
        let mut schema = json!({"type": "object"});
        let about = self.comments.of(message.parent_file().name(), message.path());
        put(&mut schema, "description", about.map(Value::from));
        put(&mut schema, "properties", Some(properties.into()));
        schema
    }

    fn field(&mut self, field: &FieldDescriptor) -> Value {
        let one = self.value(field);
        let mut schema = if field.is_list() { json!({"type": "array", "items": one}) } else { one };
        let about = meaning(self.comments, field);
        // Draft 7 ignores whatever stands beside a reference.
        if schema.get("$ref").is_some() && !about.is_empty() {
            schema = json!({"allOf": [schema]});
        }
        put(&mut schema, "description", Some(about).filter(|about| !about.is_empty()).map(Value::from));
        put(&mut schema, "x-personal", field_rules(field).personal.then_some(Value::Bool(true)));
        schema
    }

    fn value(&mut self, field: &FieldDescriptor) -> Value {
        match field.kind() {
            Kind::String => json!({"type": "string"}),
            Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            Kind::Bool => json!({"type": "boolean"}),
            Kind::Double | Kind::Float => json!({"type": "number"}),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                json!({"type": "integer"})
            }
            Kind::Uint32 | Kind::Fixed32 | Kind::Uint64 | Kind::Fixed64 => {
                json!({"type": "integer", "minimum": 0})
            }
            Kind::Enum(kinds) => {
                let mut schema = json!({"type": "string", "enum": names_of(&kinds)});
                put(&mut schema, "default", default_of(&kinds).map(Value::from));
                schema
            }
            Kind::Message(message) => match message.full_name() {
                "google.protobuf.Timestamp" => json!({"type": "string", "format": "date-time"}),
                // text, a number, true, false, or a list of these
                "google.protobuf.Value" => json!({}),
                "google.protobuf.Struct" => json!({"type": "object"}),
                _ => self.message(&message),
            },
        }
    }
}

/// `Conversation.Via` is `ConversationVia`.
pub(super) fn name_of(message: &MessageDescriptor) -> String {
    let full_name = message.full_name();
    full_name.strip_prefix(message.package_name()).unwrap_or(full_name).replace('.', "")
}

/// The words of an enum that may be sent.
pub(super) fn names_of(kinds: &EnumDescriptor) -> Vec<String> {
    let named = kinds.values().filter(|value| !value.name().ends_with("_unspecified"));
    named.map(|value| value.name().to_owned()).collect()
}

/// What an absent word of an enum means, if it means anything.
pub(super) fn default_of(kinds: &EnumDescriptor) -> Option<String> {
    let default = kinds.default_value();
    (!default.name().ends_with("_unspecified")).then(|| default.name().to_owned())
}

/// What `proto/` says about a field, and about the words it may hold.
pub(super) fn meaning(comments: &Comments, field: &FieldDescriptor) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(comments.of(field.parent_file().name(), field.path()).map(str::to_owned));
    if let Kind::Enum(kinds) = field.kind() {
        for value in kinds.values() {
            let about = comments.of(kinds.parent_file().name(), value.path());
            parts.extend(about.map(|about| format!("`{}`: {about}", value.name())));
        }
    }
    parts.join(" ")
}

fn put(schema: &mut Value, key: &str, value: Option<Value>) {
    if let (Some(value), Value::Object(fields)) = (value, schema) {
        fields.insert(key.to_owned(), value);
    }
}
