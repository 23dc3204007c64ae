use std::collections::{HashMap, HashSet};

use prost_reflect::Kind;
use weft_proto::operation;

use super::*;

fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|inner| references(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| references(inner, found)),
        _ => {}
    }
}

#[test]
fn every_binding_is_described_once_and_every_reference_leads_somewhere() {
    let document = build(None);
    let mut ids = HashSet::new();
    for operation in operation::all() {
        let Some(http) = &operation.http else { continue };
        let described = &document["paths"][&http.path][http.verb.to_lowercase()];
        assert!(ids.insert(described["operationId"].as_str().unwrap().to_owned()), "{}", operation.path);
        assert!(!described["summary"].as_str().unwrap().is_empty());
        for name in http.path_fields() {
            let parameters = described["parameters"].as_array().unwrap();
            assert!(parameters.iter().any(|each| each["name"] == name && each["in"] == "path"), "{name}");
        }
    }
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 50);
    for reference in found {
        assert!(
            document.pointer(reference.trim_start_matches('#')).is_some_and(|found| !found.is_null()),
            "{reference}"
        );
    }
}

#[test]
fn no_two_messages_share_a_name() {
    let mut names: HashMap<String, String> = HashMap::new();
    let mut waiting: Vec<_> =
        operation::all().iter().filter(|each| each.http.is_some()).map(|each| each.output.clone()).collect();
    while let Some(message) = waiting.pop() {
        let short = message.full_name().replace(message.package_name(), "");
        let known = names.insert(short, message.full_name().to_owned());
        assert!(known.as_ref().is_none_or(|other| other == message.full_name()), "{known:?}");
        if known.is_none() {
            waiting.extend(message.fields().filter_map(|field| match field.kind() {
                Kind::Message(inner) if inner.package_name() != "google.protobuf" => Some(inner),
                _ => None,
            }));
        }
    }
}

#[test]
fn a_schema_says_what_may_be_left_out_and_what_may_be_null() {
    let document = build(None);
    let conversation = &document["components"]["schemas"]["Conversation"];
    assert_eq!(conversation["properties"]["assignee"]["type"], json!(["string", "null"]));
    assert_eq!(conversation["properties"]["waiting_since"]["format"], "date-time");
    assert_eq!(conversation["properties"]["status"]["enum"][0], "open");
    assert_eq!(conversation["required"].as_array().unwrap().len(), 23);
    let send = &document["paths"]["/v1/conversations/{conversation_id}/messages"]["post"];
    let body = &send["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["properties"]["text"]["maxLength"], 20_000);
    assert!(body["properties"].get("conversation_id").is_none(), "it is in the path");
    assert_eq!(
        send["responses"]["201"]["content"]["application/json"]["schema"]["$ref"],
        "#/components/schemas/Message"
    );
    let login = &document["paths"]["/v1/auth/login"]["post"];
    assert_eq!(
        login["requestBody"]["content"]["application/json"]["schema"]["required"],
        json!(["email", "password"])
    );
    assert_eq!(login["security"], json!([]));
}

#[test]
fn the_addresses_are_these() {
    let document = build(None);
    let mut lines: Vec<String> = Vec::new();
    for (path, verbs) in document["paths"].as_object().unwrap() {
        lines.extend(verbs.as_object().unwrap().keys().map(|verb| format!("{path} {verb}")));
    }
    lines.sort();
    insta::assert_snapshot!(lines.join("\n"));
}
