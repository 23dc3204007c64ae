use std::borrow::Cow;

use bytes::Bytes;

use crate::{Inbound, ProviderCall, WebhookReply};

/// What a webhook call was about.
#[derive(Debug, Default)]
pub struct Received {
    /// The events in order; the host fills in tenant and channel.
    pub events: Vec<Inbound>,
    /// What the provider is answered once the events are on disk.
    pub reply: WebhookReply,
    /// What was left out on purpose.
    pub ignored: Vec<Ignored>,
    /// Entries that could not be read, for the dead letters; they never stop the others.
    pub unreadable: Vec<Unreadable>,
    /// Calls to make after publishing; their failure changes nothing.
    pub calls: Vec<ProviderCall>,
}

/// Something left out on purpose; becomes a metric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// The provider's name for it; one of few, since it becomes a label.
    pub kind: Cow<'static, str>,
    /// Why, in plain words.
    pub reason: &'static str,
}

/// One entry of a call that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What was wrong, without its content.
    pub why: String,
    /// The entry as it came.
    pub raw: Bytes,
}

impl Received {
    /// One event and nothing else.
    pub fn event(event: Inbound) -> Self {
        Self { events: vec![event], ..Self::default() }
    }

    /// Nothing, for this reason.
    pub fn ignored(kind: impl Into<Cow<'static, str>>, reason: &'static str) -> Self {
        Ignored::new(kind, reason).into()
    }

    /// Puts another entry's outcome behind this one; the reply stays.
    pub fn append(&mut self, other: Self) {
        self.events.extend(other.events);
        self.ignored.extend(other.ignored);
        self.unreadable.extend(other.unreadable);
        self.calls.extend(other.calls);
    }
}

impl Ignored {
    /// Something left out, for this reason.
    pub fn new(kind: impl Into<Cow<'static, str>>, reason: &'static str) -> Self {
        Self { kind: kind.into(), reason }
    }
}

impl From<Ignored> for Received {
    fn from(ignored: Ignored) -> Self {
        Self { ignored: vec![ignored], ..Self::default() }
    }
}
