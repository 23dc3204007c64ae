//! Events as NATS messages: CloudEvents, binary mode.

use async_nats::{HeaderMap, header::NATS_MESSAGE_ID};
use bytes::Bytes;
use chrono::DateTime;

use crate::{Event, cloud_event::Attributes, event::Outgoing};

pub(crate) fn headers(outgoing: &Outgoing) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in Attributes::of(&outgoing.event).headers() {
        headers.insert(name, value);
    }
    headers.insert(NATS_MESSAGE_ID, outgoing.dedup());
    headers
}

/// Reads an event, or what can be told of it and why it is none.
pub(crate) fn event(
    subject: &str,
    headers: Option<&HeaderMap>,
    data: Bytes,
) -> Result<Event, (Box<Event>, String)> {
    let header = |name: &str| headers.and_then(|headers| headers.get(name)).map(|value| value.as_str());
    match Attributes::from_headers(header) {
        Ok(attributes) => Ok(attributes.on(subject, data)),
        Err(fault) => {
            let text = |name: &str| header(name).unwrap_or_default().to_owned();
            let event = Event {
                id: header("ce-id").or_else(|| header("Nats-Msg-Id")).unwrap_or("unknown").to_owned(),
                kind: header("ce-type").unwrap_or("unknown").to_owned(),
                source: text("ce-source"),
                subject: subject.to_owned(),
                key: text("ce-partitionkey"),
                tenant: header("ce-tenant").map(str::to_owned),
                time: DateTime::UNIX_EPOCH,
                traceparent: None,
                tracestate: None,
                data,
            };
            Err((Box::new(event), fault))
        }
    }
}
