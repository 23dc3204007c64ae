use serde_json::{Map, Value, json};
use weft_proto::Comments;

use super::{catalogue::Event, headers::HEADERS, schemas::Schemas};

const ABOUT: &str = "Everything that happens in Weft, for other systems to follow. `docs/events.md` says how to connect, what is \
                     promised and what is not.\n\nThe document describes Weft: it sends, you receive. Bodies leave out what has its \
                     default: an absent text is empty, a number 0, a boolean false, a list empty, an object or a time unset. Fields and \
                     words of enums are added over time: ignore what you do not know, and do not refuse an event because its body \
                     does not fit this version of the schemas. `x-personal` marks what tells something about a person.";

/// The AsyncAPI 3.0 document.
pub(super) fn document(events: &[Event], comments: &Comments) -> Value {
    let mut schemas = Schemas::new(comments);
    let (mut channels, mut operations, mut messages) = (Map::new(), Map::new(), Map::new());
    for event in events {
        let (name, id) = (event.name(), lower_first(event.name()));
        channels.insert(id.clone(), channel(event));
        operations.insert(format!("send{name}"), operation(event, &id));
        messages.insert(name.to_owned(), message(event, &mut schemas));
    }
    json!({
        "asyncapi": "3.0.0",
        "info": {"title": "Weft's events", "version": env!("CARGO_PKG_VERSION"), "description": ABOUT},
        "defaultContentType": "application/json",
        "servers": {
            "nats": {
                "host": "nats:4222",
                "protocol": "nats",
                "description": "NATS 2.12 or newer with JetStream; the stream is `EVENTS`. Sign in with an NKey, over TLS."
            }
        },
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": messages,
            "schemas": with_headers(schemas.finish()),
            "parameters": {
                "tenant": {"description": "Whose events: a tenant's id, like `tenant_01h455vb4pex5vsknk084sn02n`."}
            }
        }
    })
}

fn channel(event: &Event) -> Value {
    json!({
        "address": event.subject("{tenant}"),
        "title": event.kind.short(),
        "description": event.about,
        "servers": [{"$ref": "#/servers/nats"}],
        "parameters": {"tenant": {"$ref": "#/components/parameters/tenant"}},
        "messages": {event.name(): {"$ref": format!("#/components/messages/{}", event.name())}}
    })
}

fn operation(event: &Event, channel: &str) -> Value {
    json!({
        "action": "send",
        "summary": event.about,
        "channel": {"$ref": format!("#/channels/{channel}")},
        "messages": [{"$ref": format!("#/channels/{channel}/messages/{}", event.name())}]
    })
}

fn message(event: &Event, schemas: &mut Schemas<'_>) -> Value {
    let kind = event.kind.cloud_event();
    let source = match event.service.split_once('<') {
        Some((prefix, _)) => json!({"pattern": format!("^/{prefix}")}),
        None => json!({"const": format!("/{}", event.service)}),
    };
    let own = json!({"properties": {"ce-type": {"const": kind}, "ce-source": source}});
    json!({
        "name": kind,
        "title": event.kind.short(),
        "summary": event.about,
        "contentType": "application/json",
        "headers": {"allOf": [{"$ref": "#/components/schemas/Headers"}, own]},
        "payload": schemas.message(&event.message),
        "x-partition-key": event.key,
        "examples": [{"name": event.name(), "payload": event.example}]
    })
}

fn with_headers(mut schemas: Map<String, Value>) -> Map<String, Value> {
    let one =
        |about: &str, example: &str| json!({"type": "string", "description": about, "examples": [example]});
    let properties: Map<String, Value> =
        HEADERS.iter().map(|(name, _, about, example)| ((*name).to_owned(), one(about, example))).collect();
    let required: Vec<&str> =
        HEADERS.iter().filter(|(_, always, ..)| *always).map(|(name, ..)| *name).collect();
    let headers = json!({"type": "object", "description": "NATS headers.", "required": required, "properties": properties});
    schemas.insert("Headers".to_owned(), headers);
    schemas
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
