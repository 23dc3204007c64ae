use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::Value;
use weft_channel::simulation::Records;

use super::{Fault, Oddities, limits::Limits};

/// All that the simulator knows.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Where it listens itself.
    pub(super) base: String,
    pub(super) tokens: BTreeSet<String>,
    pub(super) tokens_given: u64,
    pub(super) subscriptions: BTreeMap<String, Subscription>,
    pub(super) customers: BTreeMap<String, Customer>,
    /// Messages and calls, by their place among all changes.
    pub(super) store: Vec<Record>,
    /// Rises when tokens of synchronisation are forgotten.
    pub(super) generation: u64,
    pub(super) files: BTreeMap<String, (String, Bytes)>,
    pub(super) sent: Records<Sent>,
    pub(super) refused: usize,
    pub(super) pushes: VecDeque<Push>,
    pub(super) pushing: bool,
    pub(super) last_webhook_error: Option<String>,
    pub(super) faults: Vec<Fault>,
    pub(super) oddities: Oddities,
    pub(super) limits: Limits,
    last_id: u64,
    last_change: u64,
}

/// Somebody with a telephone.
#[derive(Clone, Debug, Default)]
pub(super) struct Customer {
    pub(super) name: String,
    pub(super) opted_out: bool,
    /// What messages to them fail with, like `SMS-CAR-430`.
    pub(super) undelivered: Option<String>,
}

/// What the message store or the call log has.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) change: u64,
    pub(super) source: &'static str,
    pub(super) at: DateTime<Utc>,
    pub(super) content: Value,
}

/// Who wants to hear of what.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) filters: Vec<String>,
    pub(super) address: String,
    pub(super) secret: String,
    pub(super) status: &'static str,
    pub(super) ends_at: DateTime<Utc>,
    pub(super) failures: u32,
    pub(super) renewals: u32,
}

/// A message that was sent to a customer, or a call that was put through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Its id.
    pub id: String,
    /// The customers.
    pub to: Vec<String>,
    /// Its words.
    pub text: String,
    /// Its file's name, type and size.
    pub file: Option<(String, String, usize)>,
    /// It was a call: the telephone that rang first.
    pub rang_first: Option<String>,
}

/// An event to be brought.
#[derive(Clone, Debug)]
pub(super) struct Push {
    pub(super) subscription: String,
    pub(super) body: Value,
}

impl State {
    /// A new id.
    pub(super) fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        3_062_991_514_000 + self.last_id
    }

    /// Puts something into the store.
    pub(super) fn record(&mut self, source: &'static str, at: DateTime<Utc>, content: Value) {
        self.last_change += 1;
        self.store.push(Record { change: self.last_change, source, at, content });
    }

    /// What names the present state of the store, for one kind of things in it.
    pub(super) fn sync_token(&self, kind: &str) -> String {
        format!("{}.{}.{kind}", self.generation, self.last_change)
    }
}

/// A time as RingCentral writes it.
pub(super) fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Sets a field of an object.
pub(super) fn set(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value.into());
    }
}
