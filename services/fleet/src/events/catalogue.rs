use prost_reflect::MessageDescriptor;
use serde_json::{Map, Value};
use weft_domain::{Error, Result};
use weft_proto::{Comments, EventType, event_type_of, json};

/// One body of each event, as people would meet it.
const EXAMPLES: &str = include_str!("examples.json");

/// One event that everybody may follow.
pub(super) struct Event {
    pub(super) message: MessageDescriptor,
    pub(super) kind: EventType,
    /// When it is published.
    pub(super) about: String,
    /// Who publishes it.
    pub(super) service: String,
    /// The field that orders it; empty: none.
    pub(super) key: String,
    pub(super) example: Value,
}

impl Event {
    /// The message's name: `MessageCreated`.
    pub(super) fn name(&self) -> &str {
        self.message.name()
    }

    /// The subject with `tenant` in its place.
    pub(super) fn subject(&self, tenant: &str) -> String {
        format!("weft.events.{tenant}.{}", self.kind.short())
    }
}

/// All events, in the order of `proto/`.
pub(super) fn read(comments: &Comments) -> Result<Vec<Event>> {
    let mut examples: Map<String, Value> = serde_json::from_str(EXAMPLES).map_err(Error::internal)?;
    let events = weft_proto::events().into_iter().map(|(message, promised)| {
        let example = examples.remove(message.name()).ok_or_else(|| no_example(message.name()))?;
        Ok(Event {
            kind: event_type_of(&message),
            about: comments.of(message.parent_file().name(), message.path()).unwrap_or_default().to_owned(),
            service: promised.service,
            key: promised.key,
            example: as_sent(&message, example)?,
            message,
        })
    });
    events.collect()
}

/// Only what the message really has, and only in the form in which it is sent.
fn as_sent(message: &MessageDescriptor, example: Value) -> Result<Value> {
    let read = json::read_request(message.clone(), example)?;
    serde_json::from_slice(&json::encode(&read)?).map_err(Error::internal)
}

fn no_example(name: &str) -> Error {
    Error::internal(format!("events/examples.json has no example of {name}"))
}
