use std::cell::Cell;

use chrono::{TimeDelta, Utc};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};
use weft_proto::operation::{Operation, field_rules};
use weft_tests_fleet::PASSWORD;

/// Fields that hold an id, though not only ids.
const ALSO_IDS: [(&str, &str); 7] = [
    ("weft.conversation.v1.UpdateConversationRequest.assignee", "user"),
    ("weft.conversation.v1.UpdateConversationRequest.team", "team"),
    ("weft.conversation.v1.ListConversationsRequest.assignee", "user"),
    ("weft.conversation.v1.ListConversationsRequest.team", "team"),
    ("weft.conversation.v1.TransferConversationRequest.assignee", "user"),
    ("weft.conversation.v1.TransferConversationRequest.team", "team"),
    ("weft.conversation.v1.SearchRequest.assignee", "user"),
];

/// A REST call.
pub(crate) struct Call {
    pub(crate) verb: &'static str,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
}

/// A field of a request that holds an id.
pub(crate) struct IdField {
    /// Like `attachments.id`.
    pub(crate) path: String,
    /// The kind of id, like `conv`.
    pub(crate) kind: String,
}

/// Makes the smallest valid request of any method: all ids, and what is required.
pub(crate) struct Requests {
    next: Cell<u32>,
    refresh_token: String,
}

impl Requests {
    pub(crate) fn new(refresh_token: String) -> Self {
        Self { next: Cell::new(0), refresh_token }
    }

    /// The call of an operation with these ids; a field whose id is empty is left out.
    pub(crate) fn call(&self, operation: &Operation, id: &dyn Fn(&IdField) -> String) -> Call {
        let http = operation.http.as_ref().unwrap();
        let mut fields = self.fill(&operation.input, "", id);
        let mut path = http.path.clone();
        for name in http.path_fields() {
            let value = fields.remove(name).unwrap();
            path = path.replace(&format!("{{{name}}}"), value.as_str().unwrap());
        }
        if http.body {
            return Call { verb: http.verb, path, body: Some(Value::Object(fields)) };
        }
        let query: Vec<_> =
            fields.iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect();
        if !query.is_empty() {
            path = format!("{path}?{}", query.join("&"));
        }
        Call { verb: http.verb, path, body: None }
    }

    /// Keeps the refresh token of an answer: each works once.
    pub(crate) fn learn(&mut self, answer: &Value) {
        if let Some(token) = answer["refresh_token"].as_str() {
            self.refresh_token = token.to_owned();
        }
    }

    fn fill(
        &self,
        message: &MessageDescriptor,
        parent: &str,
        id: &dyn Fn(&IdField) -> String,
    ) -> Map<String, Value> {
        let mut fields = Map::new();
        for field in message.fields() {
            let Some(value) = self.value(&field, parent, id) else { continue };
            let value = if field.is_list() { json!([value]) } else { value };
            fields.insert(field.name().to_owned(), value);
        }
        fields
    }

    fn value(&self, field: &FieldDescriptor, parent: &str, id: &dyn Fn(&IdField) -> String) -> Option<Value> {
        if let Some(sample) = self.sample(field) {
            return Some(sample);
        }
        let path = path_of(field, parent);
        if let Some(kind) = id_kind(field) {
            let given = id(&IdField { path, kind });
            return (!given.is_empty()).then(|| given.into());
        }
        match field.kind() {
            Kind::Message(inner) if !id_fields(&inner, "").is_empty() => {
                Some(Value::Object(self.fill(&inner, &path, id)))
            }
            _ => field_rules(field).required.then(|| "something".into()),
        }
    }

    /// What only people know: which words a method takes.
    fn sample(&self, field: &FieldDescriptor) -> Option<Value> {
        let message = field.parent_message();
        Some(match (message.name(), field.name()) {
            ("LoginRequest", "email") => json!("admin@demo.test"),
            ("LoginRequest" | "CreateUserRequest", "password") => json!(PASSWORD),
            ("RefreshRequest", "refresh_token") => json!(self.refresh_token),
            ("CreateUserRequest", "email") => json!(format!("{}@demo.test", self.unique())),
            ("CreateTenantRequest", "slug") => json!(self.unique()),
            ("CreateTeamRequest", "name") => json!(self.unique()),
            ("CreateChannelRequest", "kind") => json!("echo"),
            ("CreateChannelRequest", "secrets") => json!({"token": "t", "webhook_secret": "s"}),
            ("ResolveMessageRequest", "action") => json!("leave"),
            ("DeleteMessageRequest", "scope") => json!("me"),
            ("AddReactionRequest" | "RemoveReactionRequest", "emoji") => json!("%F0%9F%91%8D"),
            ("ScheduleMessageRequest" | "UpdateScheduledMessageRequest", "send_at") => {
                json!(Utc::now() + TimeDelta::hours(1))
            }
            ("SetMessagePurposeRequest", "purpose") => json!("time_log"),
            ("SendVoiceMessageRequest", "from") => json!("contact"),
            ("MarkConversationRequest" | "UnmarkConversationRequest", "mark") => json!("star"),
            ("CreateViewRequest", "filter") => json!({"field": "unread", "op": "is", "value": true}),
            ("CreateCannedReplyRequest", "shortcut") => json!(self.unique()),
            ("CreateCannedReplyRequest", "text") => json!("We open at nine."),
            ("CreateBusinessHoursRequest", "time_zone") => json!("Europe/Berlin"),
            ("CreateAutoReplyRequest", "occasion") => json!("nobody_available"),
            ("CreateMacroRequest", "change") => json!({"priority": "low"}),
            ("CreateCustomFieldRequest", "of") => json!("conversation"),
            ("CreateCustomFieldRequest", "key") => json!(self.unique().replace('-', "_")),
            ("CreateCustomFieldRequest", "kind") => json!("text"),
            ("StartBulkActionRequest", "change") => json!({"priority": "low"}),
            _ => return None,
        })
    }

    fn unique(&self) -> String {
        self.next.set(self.next.get() + 1);
        format!("new-{}", self.next.get())
    }
}

/// The fields of a request that hold ids, with those of the messages in it.
pub(crate) fn id_fields(message: &MessageDescriptor, parent: &str) -> Vec<IdField> {
    let mut found = Vec::new();
    for field in message.fields() {
        let path = path_of(&field, parent);
        if let Some(kind) = id_kind(&field) {
            found.push(IdField { path, kind });
        } else if let Kind::Message(inner) = field.kind()
            && inner.package_name() != "google.protobuf"
            && inner != *message
        {
            found.extend(id_fields(&inner, &path));
        }
    }
    found
}

fn id_kind(field: &FieldDescriptor) -> Option<String> {
    let also = ALSO_IDS.iter().find(|(name, _)| *name == field.full_name());
    let stated = field_rules(field).id;
    also.map(|(_, kind)| (*kind).to_owned()).or((!stated.is_empty()).then_some(stated))
}

fn path_of(field: &FieldDescriptor, parent: &str) -> String {
    if parent.is_empty() { field.name().to_owned() } else { format!("{parent}.{}", field.name()) }
}
