use std::{borrow::Cow, collections::HashSet};

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
    /// Where threads are answered, by the thread's id, for providers that say it with each call: the newest holds. It may be
    /// forgotten, so there is an address to answer at without it.
    pub routes: Vec<(String, String)>,
    /// The provider says that the account does not work any more, in plain words; it becomes the account's health.
    pub account_fault: Option<String>,
    /// The provider says that a template became another; the list is then asked for anew.
    pub templates_changed: bool,
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
        self.routes.extend(other.routes);
        self.account_fault = other.account_fault.or(self.account_fault.take());
        self.templates_changed |= other.templates_changed;
    }

    /// Leaves out events that stand in the same call before.
    pub fn drop_repeated(&mut self) {
        let mut seen = HashSet::new();
        let before = self.events.len();
        self.events.retain(|event| seen.insert(event.key.clone()));
        let repeated = Ignored::new("repeated", "it stands in the same call before");
        self.ignored.extend(std::iter::repeat_n(repeated, before - self.events.len()));
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
