use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use weft_bus::{Event, NewDeadLetter};
use weft_domain::{Error, Result};

/// What one call brought, on its way to the bus.
#[derive(Clone, Debug, Default)]
pub(crate) struct Batch {
    pub(crate) events: Vec<Event>,
    pub(crate) letters: Vec<NewDeadLetter>,
}

#[derive(Serialize, Deserialize)]
struct Record {
    events: Vec<Kept>,
    letters: Vec<KeptLetter>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    id: String,
    kind: String,
    source: String,
    subject: String,
    key: String,
    tenant: Option<String>,
    time: DateTime<Utc>,
    traceparent: Option<String>,
    tracestate: Option<String>,
    data: String,
}

#[derive(Serialize, Deserialize)]
struct KeptLetter {
    source: String,
    reason: String,
    words: String,
    attempts: u32,
    event: Kept,
}

impl Batch {
    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.letters.is_empty()
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>> {
        let record = Record {
            events: self.events.iter().map(Kept::from).collect(),
            letters: self.letters.iter().map(KeptLetter::from).collect(),
        };
        serde_json::to_vec(&record).map_err(Error::internal)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self> {
        let record: Record = serde_json::from_slice(bytes).map_err(Error::internal)?;
        Ok(Self {
            events: record.events.into_iter().map(Kept::event).collect::<Result<_>>()?,
            letters: record.letters.into_iter().map(KeptLetter::letter).collect::<Result<_>>()?,
        })
    }
}

impl From<&Event> for Kept {
    fn from(event: &Event) -> Self {
        let event = event.clone();
        Self {
            id: event.id,
            kind: event.kind,
            source: event.source,
            subject: event.subject,
            key: event.key,
            tenant: event.tenant,
            time: event.time,
            traceparent: event.traceparent,
            tracestate: event.tracestate,
            data: STANDARD.encode(event.data),
        }
    }
}

impl Kept {
    fn event(self) -> Result<Event> {
        Ok(Event {
            id: self.id,
            kind: self.kind,
            source: self.source,
            subject: self.subject,
            key: self.key,
            tenant: self.tenant,
            time: self.time,
            traceparent: self.traceparent,
            tracestate: self.tracestate,
            data: STANDARD.decode(self.data).map_err(Error::internal)?.into(),
        })
    }
}

impl From<&NewDeadLetter> for KeptLetter {
    fn from(letter: &NewDeadLetter) -> Self {
        Self {
            source: letter.source.clone(),
            reason: letter.reason.clone(),
            words: letter.words.clone(),
            attempts: letter.attempts,
            event: (&letter.event).into(),
        }
    }
}

impl KeptLetter {
    fn letter(self) -> Result<NewDeadLetter> {
        Ok(NewDeadLetter {
            source: self.source,
            reason: self.reason,
            words: self.words,
            attempts: self.attempts,
            stream: None,
            event: self.event.event()?,
        })
    }
}
