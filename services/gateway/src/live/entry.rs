use std::sync::{Arc, OnceLock};

use axum::extract::ws::Utf8Bytes;
use serde_json::Value;
use weft_bus::Event;
use weft_domain::Result;
use weft_telemetry::{TraceContext, span};

use super::{cursor, event_names, frames::ServerFrame};

const TYPE_PREFIX: &str = "weft.v1.";

/// An event of the stream, and what sockets are shown of it: rendered once for all of them, when the first needs it.
pub(super) struct Entry {
    pub(super) cursor: u64,
    pub(super) tenant: Arc<str>,
    pub(super) event: Event,
    shown: OnceLock<Option<Shown>>,
}

/// A frame, and what decides who gets it.
pub(super) struct Shown {
    pub(super) about: About,
    /// Whose sockets alone are shown it; none: everybody's who follows what it is about.
    pub(super) only: Option<String>,
    pub(super) frame: Utf8Bytes,
}

/// What a frame is about.
pub(super) enum About {
    /// A conversation, by its id.
    Conversation(String),
    /// Somebody's availability, by the user's id.
    Agent(String),
    /// Whether somebody of ours is there, by the user's id: for all who follow all conversations but themselves.
    Person(String),
    /// What conversations are sorted by: for all who follow all of them.
    Desk,
    /// What one user should know of, whatever they follow.
    Notice,
}

impl About {
    /// None for what no socket is shown.
    pub(super) fn of(body: &Value) -> Option<Self> {
        let conversation = event_names::conversation_of(body).map(|id| Self::Conversation(id.to_owned()));
        let agent = || event_names::agent_of(body).map(|id| Self::Agent(id.to_owned()));
        let person = || event_names::person_of(body).map(|id| Self::Person(id.to_owned()));
        let notice = || event_names::is_notice(body).then_some(Self::Notice);
        let desk = || event_names::is_of_the_desk(body).then_some(Self::Desk);
        conversation.or_else(agent).or_else(person).or_else(notice).or_else(desk)
    }
}

impl Entry {
    /// None for an event that belongs to no tenant.
    pub(super) fn new(cursor: u64, event: Event) -> Option<Arc<Self>> {
        let tenant = event.subject.split('.').nth(2)?.into();
        Some(Arc::new(Self { cursor, tenant, event, shown: OnceLock::new() }))
    }

    /// None for an event that no socket is shown.
    pub(super) fn shown(&self) -> Option<&Shown> {
        self.shown.get_or_init(|| self.show().unwrap_or_else(|_unreadable| None)).as_ref()
    }

    pub(super) fn weight(&self) -> usize {
        self.event.data.len() + 512
    }

    fn show(&self) -> Result<Option<Shown>> {
        let Some(name) = self.event.kind.strip_prefix(TYPE_PREFIX) else { return Ok(None) };
        let Some(descriptor) = event_names::of_event(name) else { return Ok(None) };
        let written = TraceContext {
            traceparent: self.event.traceparent.clone(),
            tracestate: self.event.tracestate.clone(),
        };
        let _span = span::bus_consume("live sockets", &self.event.kind, &written).entered();
        let data = event_names::show(descriptor, &self.event.data)?;
        let Some(about) = About::of(&data) else { return Ok(None) };
        let cursor = cursor::encode(self.cursor);
        let frame = ServerFrame::Event { cursor: &cursor, event: name, time: self.event.time, data: &data };
        let only = event_names::only_for(&data).map(str::to_owned);
        Ok(Some(Shown { about, only, frame: frame.text()? }))
    }
}
