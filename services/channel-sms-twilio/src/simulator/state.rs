use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use serde::Serialize;
use url::Url;
use weft_channel::simulation::Records;

use super::{Fault, Oddities};

/// All that the simulator knows.
#[derive(Debug, Default)]
pub(super) struct State {
    /// Where it listens itself.
    pub(super) base: String,
    /// Where messages are brought.
    pub(super) webhook: Option<Url>,
    pub(super) customers: BTreeMap<String, Customer>,
    pub(super) media: BTreeMap<String, (String, Bytes)>,
    pub(super) sent: Records<Sent>,
    pub(super) refused: usize,
    /// The messages that a sign of typing was hung on.
    pub(super) typed_after: Vec<String>,
    pub(super) pushes: VecDeque<Push>,
    pub(super) pushing: bool,
    pub(super) last_webhook_error: Option<String>,
    pub(super) faults: Vec<Fault>,
    pub(super) oddities: Oddities,
    last_id: u64,
}

/// Somebody with a phone.
#[derive(Clone, Debug, Default)]
pub(super) struct Customer {
    /// As WhatsApp shows it.
    pub(super) name: String,
    /// Whom they want nothing more from.
    pub(super) opted_out: BTreeSet<String>,
    /// They wrote, which opens WhatsApp's window.
    pub(super) wrote: bool,
    /// What messages to them fail with.
    pub(super) undelivered: Option<u32>,
}

/// A message that was sent to a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// Its SID.
    pub sid: String,
    /// The customer.
    pub to: String,
    /// The number it came from.
    pub from: String,
    /// Its words.
    pub body: String,
    /// Where its files are.
    pub media: Vec<String>,
    /// How many SMS it counts as.
    pub segments: usize,
}

/// A webhook to be brought.
#[derive(Clone, Debug)]
pub(super) struct Push {
    pub(super) url: Url,
    pub(super) fields: Vec<(String, String)>,
}

impl State {
    /// A new SID.
    pub(super) fn next_sid(&mut self, prefix: &str) -> String {
        self.last_id += 1;
        format!("{prefix}{:032x}", self.last_id)
    }

    pub(super) fn push(&mut self, url: Option<Url>, fields: Vec<(String, String)>) {
        let Some(url) = url else { return };
        let copies = if self.oddities.duplicates { 2 } else { 1 };
        for _ in 0..copies {
            self.pushes.push_back(Push { url: url.clone(), fields: fields.clone() });
        }
    }
}
