use prost::Message;
use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor, Value};
use weft_domain::Idempotency;

use crate::{
    compliance::v1::{AuditRecord, audit_record::Change},
    operation::{Operation, field_rules},
};

/// What a call is about to do: how the audit log tells of it, and what tells a repetition apart.
#[derive(Clone, Debug, Default)]
pub struct Intent {
    /// What the audit log is told when it is done; none for methods that are not audited.
    pub audit: Option<AuditRecord>,
    /// What tells a repetition apart, if the caller gave a key.
    pub idempotency: Option<Idempotency>,
    answer: Option<MessageDescriptor>,
}

impl Intent {
    /// What a request says it will do: the ids it names and the names of the fields it gives. Values are kept only where
    /// `proto/` marks a field as `audited`.
    pub fn of(operation: &Operation, request: &DynamicMessage) -> Self {
        let audit = (!operation.policy.audit.is_empty()).then(|| AuditRecord {
            action: operation.policy.audit.clone(),
            objects: objects(request),
            changes: changes(request),
            ..AuditRecord::default()
        });
        Self { audit, idempotency: None, answer: Some(operation.output.clone()) }
    }

    /// Something that is done without a request: by a job, or from the command line.
    pub fn without_request(actor: &str, action: &str) -> Self {
        let audit =
            AuditRecord { actor: actor.to_owned(), action: action.to_owned(), ..AuditRecord::default() };
        Self { audit: Some(audit), idempotency: None, answer: None }
    }

    /// The id of what the answer shows: the thing that was made.
    pub fn answered_id(&self, answer: &impl Message) -> Option<String> {
        let descriptor = self.answer.clone()?;
        let id = descriptor.get_field_by_name("id")?;
        let shown = DynamicMessage::decode(descriptor, answer.encode_to_vec().as_slice()).ok()?;
        shown.get_field(&id).as_str().filter(|id| !id.is_empty()).map(str::to_owned)
    }
}

fn objects(message: &DynamicMessage) -> Vec<String> {
    let mut found = Vec::new();
    for (field, value) in message.fields() {
        gather_objects(&field, value, &mut found);
    }
    found
}

fn gather_objects(field: &FieldDescriptor, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(id) if !field_rules(field).id.is_empty() => found.push(id.clone()),
        Value::List(items) => items.iter().for_each(|item| gather_objects(field, item, found)),
        Value::Message(inner) => found.extend(objects(inner)),
        _ => {}
    }
}

fn changes(message: &DynamicMessage) -> Vec<Change> {
    message
        .fields()
        .filter(|(field, _)| field_rules(field).id.is_empty())
        .map(|(field, value)| {
            let rules = field_rules(&field);
            let kept = rules.audited && !rules.secret;
            Change { field: field.name().to_owned(), value: if kept { plain(value) } else { String::new() } }
        })
        .collect()
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(flag) => flag.to_string(),
        Value::U32(number) => number.to_string(),
        Value::List(items) => items.iter().map(plain).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use prost_reflect::ReflectMessage;

    use super::*;
    use crate::{
        conversation::v1::{AttachmentRef, SendMessageRequest},
        directory::v1::{ApiToken, CreateApiTokenRequest, UpdateUserRequest},
        operation,
    };

    fn intent(path: &str, request: &impl ReflectMessage) -> Intent {
        Intent::of(operation::find(path).unwrap(), &request.transcode_to_dynamic())
    }

    #[test]
    fn names_and_ids_are_told_and_words_and_secrets_are_not() {
        let request = SendMessageRequest {
            conversation_id: "conv_1".to_owned(),
            text: "my secret words".to_owned(),
            attachments: vec![AttachmentRef { id: "file_1".to_owned() }],
            ..SendMessageRequest::default()
        };
        let audit = intent("/weft.conversation.v1.Messages/SendMessage", &request).audit.unwrap();
        assert_eq!(audit.action, "message.send");
        assert_eq!(audit.objects, ["conv_1", "file_1"]);
        assert_eq!(
            audit.changes.iter().map(|change| &*change.field).collect::<Vec<_>>(),
            ["text", "attachments"]
        );
        let request = UpdateUserRequest {
            id: "user_1".to_owned(),
            role: Some("admin".to_owned()),
            password: Some("a password".to_owned()),
            ..UpdateUserRequest::default()
        };
        let audit = intent("/weft.directory.v1.Users/UpdateUser", &request).audit.unwrap();
        let told: Vec<_> = audit.changes.iter().map(|change| (&*change.field, &*change.value)).collect();
        assert_eq!(told, [("role", "admin"), ("password", "")]);
    }

    #[test]
    fn what_was_made_is_named_by_the_answer() {
        let intent = intent("/weft.directory.v1.ApiTokens/CreateApiToken", &CreateApiTokenRequest::default());
        let made = ApiToken { id: "token_1".to_owned(), ..ApiToken::default() };
        assert_eq!(intent.answered_id(&made).as_deref(), Some("token_1"));
        assert_eq!(intent.answered_id(&()), None);
    }

    #[test]
    fn a_method_that_is_not_audited_has_nothing_to_tell() {
        let request = crate::conversation::v1::MarkReadRequest::default();
        assert!(intent("/weft.conversation.v1.Conversations/MarkRead", &request).audit.is_none());
    }
}
