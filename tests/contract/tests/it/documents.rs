use std::{fs, path::Path};

use serde_json::Value;
use weft_fleet::events;

/// Where `make deps` puts AsyncAPI's own schema of its documents.
const SPECIFICATION: &str =
    "/usr/local/lib/weft-tests/node_modules/@asyncapi/specs/schemas/3.0.0-without-$id.json";

fn documents() -> (String, Value) {
    let [(_, text), (_, document)] = events::files().unwrap();
    (text, serde_json::from_str(&document).unwrap())
}

#[test]
fn the_committed_documents_are_those_that_are_emitted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    for (name, text) in events::files().unwrap() {
        let committed = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(committed == text, "docs/{name} differs: run `weft emit events --out docs`");
    }
}

#[test]
fn the_document_is_asyncapi() {
    let schema = fs::read_to_string(SPECIFICATION).expect("AsyncAPI's schema is there: run `make deps`");
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let (_, document) = documents();
    let faults: Vec<String> =
        validator.iter_errors(&document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let mut broken = document.clone();
    broken["operations"]["sendMessageCreated"]["action"] = "shout".into();
    assert!(!validator.is_valid(&broken), "the schema finds what is wrong");
}

#[test]
fn every_reference_leads_somewhere_and_every_example_fits_its_schema() {
    let (_, document) = documents();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let target = document.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some_and(|target| !target.is_null()), "{reference}");
    }
    for (name, message) in document["components"]["messages"].as_object().unwrap() {
        let validator = jsonschema::validator_for(&serde_json::json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "allOf": [message["payload"]],
            "components": document["components"]
        }))
        .unwrap();
        assert!(validator.is_valid(&message["examples"][0]["payload"]), "{name}");
        let wrong = serde_json::json!({"message": 1, "conversation": 1, "contact": 1, "channel": 1, "channel_id": 1, "kind": 1, "user": 1,
            "agent": 1, "answer": 1, "at": 1, "emoji": 1, "message_id": 1, "scheduled_message": 1, "file": 1, "file_id": 1,
            "mark": 1, "view": 1, "view_id": 1, "bulk_action": 1, "canned_reply": 1, "macro": 1, "note": 1,
            "contact_import": 1, "notification": 1, "team": 1, "reader": 1, "contact_export": 1, "conversation_id": 1});
        assert!(!validator.is_valid(&wrong), "{name} says what its body is");
    }
}

#[test]
fn every_event_of_proto_is_in_both_documents() {
    let (text, document) = documents();
    let all = weft_proto::events();
    assert_eq!(document["channels"].as_object().unwrap().len(), all.len());
    for (message, _) in all {
        let kind = weft_proto::event_type_of(&message);
        assert!(text.contains(&format!("\n### {}\n", kind.short())), "{}", kind.short());
        let described = &document["components"]["messages"][message.name()];
        assert_eq!(described["name"], kind.cloud_event());
    }
}

fn collect<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|inner| collect(inner, found));
        }
        Value::Array(items) => items.iter().for_each(|inner| collect(inner, found)),
        _ => {}
    }
}
