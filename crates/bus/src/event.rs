use std::fmt;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use weft_domain::{Error, ErrorCode, Result};

use crate::subject;

/// The source of an order that was published again.
const REPLAYED: &str = "/dead-letters";
/// The largest body of one event. NATS carries 1 MiB by default, headers included.
pub const MAX_EVENT_BYTES: usize = 900 * 1024;
const MAX_ATTRIBUTE_CHARS: usize = 512;

/// Where an event is kept until it has been handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// What came from outside, until it is handled.
    In,
    /// What has to go outside, until it is handled.
    Out,
    /// What happened, for everybody, for as long as the limits say.
    Events,
    /// Who did what, until the audit log has it.
    Audit,
    /// What adapters and providers said to each other, until the channel log has it. It may be left out, the others never.
    Log,
}

impl Stream {
    /// All streams.
    pub const ALL: [Self; 5] = [Self::In, Self::Out, Self::Events, Self::Audit, Self::Log];

    /// The stream's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::In => "IN",
            Self::Out => "OUT",
            Self::Events => "EVENTS",
            Self::Audit => "AUDIT",
            Self::Log => "LOG",
        }
    }

    /// What every subject of the stream begins with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::In => "weft.in.",
            Self::Out => "weft.out.",
            Self::Events => "weft.events.",
            Self::Audit => "weft.audit.",
            Self::Log => "weft.log.",
        }
    }

    /// Whether an event is gone once its consumer is done with it, so that it cannot be read again.
    pub fn is_queue(self) -> bool {
        self != Self::Events
    }
}

/// One event: a CloudEvent 1.0.
#[derive(Clone, PartialEq, Eq)]
pub struct Event {
    /// `id`: two events with one id inside the stream's window are one event.
    pub id: String,
    /// `type`, like `weft.v1.message.created`.
    pub kind: String,
    /// `source`, like `/conversation`.
    pub source: String,
    /// The bus subject it travels on, like `weft.in.7.echo`.
    pub subject: String,
    /// `partitionkey`: events with one key keep their order; an empty key promises none.
    pub key: String,
    /// `tenant`, as a TypeID.
    pub tenant: Option<String>,
    /// `time`, to the microsecond.
    pub time: DateTime<Utc>,
    /// The W3C trace context it was written in.
    pub traceparent: Option<String>,
    /// The vendor part of the trace context.
    pub tracestate: Option<String>,
    /// The body: proto3 JSON.
    pub data: Bytes,
}

impl fmt::Debug for Event {
    // Bodies hold people's words, which no log may show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("subject", &self.subject)
            .field("key", &self.key)
            .field("tenant", &self.tenant)
            .field("bytes", &self.data.len())
            .finish_non_exhaustive()
    }
}

impl Event {
    /// Whether the event can travel on `stream`; what is refused here is refused each time.
    pub fn check(&self, stream: Stream) -> Result<()> {
        if !self.subject.starts_with(stream.prefix()) {
            return Err(wrong("subject", format!("must begin with `{}`", stream.prefix())));
        }
        self.check_attributes()
    }

    /// Whether it is an order that was published again, so that it may have been carried out or have lost its meaning.
    pub fn is_replayed_order(&self) -> bool {
        self.source == REPLAYED
    }

    /// Only orders: what happened is as true the second time, and its source is part of it.
    pub(crate) fn replayed_on(self, stream: Stream) -> Self {
        match stream {
            Stream::Out => Self { source: REPLAYED.to_owned(), ..self },
            _ => self,
        }
    }

    pub(crate) fn check_attributes(&self) -> Result<()> {
        if !subject::is_concrete(&self.subject) {
            return Err(wrong("subject", "must be words joined by dots, without wildcards or spaces".into()));
        }
        if self.id.is_empty() || self.kind.is_empty() {
            return Err(wrong("id", "id and type must not be empty".into()));
        }
        let attributes = [
            Some(&self.id),
            Some(&self.kind),
            Some(&self.source),
            Some(&self.subject),
            Some(&self.key),
            self.tenant.as_ref(),
            self.traceparent.as_ref(),
            self.tracestate.as_ref(),
        ];
        for attribute in attributes.into_iter().flatten() {
            if attribute.len() > MAX_ATTRIBUTE_CHARS || attribute.chars().any(char::is_control) {
                return Err(wrong(
                    "attributes",
                    format!("at most {MAX_ATTRIBUTE_CHARS} printable characters"),
                ));
            }
        }
        if self.data.len() > MAX_EVENT_BYTES {
            return Err(Error::new(
                ErrorCode::TooLarge,
                "event_too_large",
                format!("an event holds at most {MAX_EVENT_BYTES} bytes; this one has {}", self.data.len()),
            ));
        }
        Ok(())
    }

    /// What the event weighs in a queue; attributes are short.
    pub(crate) fn weight(&self) -> usize {
        self.data.len() + 512
    }
}

fn wrong(field: &str, message: String) -> Error {
    Error::invalid("invalid_event", message).with_field(field)
}

/// The answer to a publish: the event is on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The event's place in its stream.
    pub cursor: u64,
    /// Whether an event with this id was there already; `cursor` is then that event's.
    pub duplicate: bool,
}

/// An event on its way to a stream.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub event: Event,
    /// Stands in for the event's id where the stream looks for duplicates.
    pub dedup: Option<String>,
}

impl Outgoing {
    pub(crate) fn dedup(&self) -> &str {
        self.dedup.as_deref().unwrap_or(&self.event.id)
    }
}

impl From<Event> for Outgoing {
    fn from(event: Event) -> Self {
        Self { event, dedup: None }
    }
}
