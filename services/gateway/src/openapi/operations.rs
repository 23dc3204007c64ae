use prost_reflect::FieldDescriptor;
use serde_json::{Map, Value, json};
use weft_proto::{
    Comments, POOL,
    operation::{self, Http, Operation, field_rules},
};

use super::schemas::Schemas;
use crate::http::success_of;

/// Path, verb and description of every operation that has a REST binding.
pub(super) fn all<'a>(schemas: &'a mut Schemas<'_>) -> impl Iterator<Item = (String, String, Value)> + 'a {
    operation::all().iter().filter_map(move |operation| {
        let http = operation.http.as_ref()?;
        Some((http.path.clone(), http.verb.to_lowercase(), describe(operation, http, schemas)))
    })
}

/// The services, in the order of `proto/`.
pub(super) fn tags(comments: &Comments) -> Vec<Value> {
    let is_shown =
        |name: &str| operation::all().iter().any(|each| each.service == name && each.http.is_some());
    POOL.services()
        .filter(|service| is_shown(service.full_name()))
        .map(|service| {
            let about = comments.of(service.parent_file().name(), service.path()).unwrap_or_default();
            json!({"name": service.name(), "description": about})
        })
        .collect()
}

fn describe(operation: &Operation, http: &Http, schemas: &mut Schemas<'_>) -> Value {
    let mut described = Map::from_iter([
        ("operationId".to_owned(), operation_id(&operation.name).into()),
        ("tags".to_owned(), json!([operation.service.rsplit('.').next()])),
        ("summary".to_owned(), first_sentence(&operation.about).into()),
        ("description".to_owned(), operation.about.as_str().into()),
    ]);
    let in_path = |field: &FieldDescriptor| http.path_fields().any(|name| name == field.name());
    let mut parameters: Vec<Value> = Vec::new();
    for field in operation.input.fields().filter(|field| in_path(field) || !http.body) {
        parameters.push(parameter(&field, in_path(&field), schemas));
    }
    if http.body && !operation.policy.public {
        parameters.push(json!({"$ref": "#/components/parameters/IdempotencyKey"}));
    }
    if !parameters.is_empty() {
        described.insert("parameters".to_owned(), parameters.into());
    }
    if http.body && operation.input.fields().any(|field| !in_path(&field)) {
        let schema = schemas.object(&operation.input, |field| !in_path(field));
        let required = schema.get("required").is_some();
        let body = json!({"required": required, "content": {"application/json": {"schema": schema}}});
        described.insert("requestBody".to_owned(), body);
    }
    described.insert("responses".to_owned(), responses(operation, http, schemas));
    let security = if operation.policy.public { json!([]) } else { json!([{"bearer": []}]) };
    described.insert("security".to_owned(), security);
    if !operation.policy.permission.is_empty() {
        described.insert("x-weft-permission".to_owned(), operation.policy.permission.as_str().into());
    }
    Value::Object(described)
}

fn parameter(field: &FieldDescriptor, is_in_path: bool, schemas: &mut Schemas<'_>) -> Value {
    let place = if is_in_path { "path" } else { "query" };
    let required = is_in_path || field_rules(field).required;
    let about = schemas.about(field);
    let schema = schemas.parameter(field);
    let mut parameter = json!({"name": field.name(), "in": place, "required": required});
    // what is no plain value is given as JSON
    let (key, form) = match schema.get("$ref") {
        Some(_) => ("content", json!({"application/json": {"schema": schema}})),
        None => ("schema", schema),
    };
    if let Value::Object(parts) = &mut parameter {
        parts.insert(key.to_owned(), form);
    }
    if let (false, Value::Object(parts)) = (about.is_empty(), &mut parameter) {
        parts.insert("description".to_owned(), about.into());
    }
    parameter
}

fn responses(operation: &Operation, http: &Http, schemas: &mut Schemas<'_>) -> Value {
    let status = success_of(operation, http);
    let words = status.canonical_reason().unwrap_or("Success");
    let success = match status.as_u16() {
        204 => json!({"description": words}),
        _ => {
            let schema = schemas.message(&operation.output);
            json!({"description": words, "content": {"application/json": {"schema": schema}}})
        }
    };
    let problem = json!({"$ref": "#/components/responses/Problem"});
    json!({status.as_str(): success, "default": problem})
}

/// `ListMessages` is `listMessages`.
fn operation_id(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}
