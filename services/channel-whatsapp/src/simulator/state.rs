use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use url::Url;
use weft_channel::simulation::Records;

use super::{Fault, Simulator, pusher::Delivery};

/// All there is.
#[derive(Default)]
pub(super) struct State {
    pub(super) webhook: Option<Url>,
    /// By number.
    pub(super) customers: BTreeMap<String, Customer>,
    /// Who wrote a message to the business, by the message's id.
    pub(super) written: BTreeMap<String, String>,
    pub(super) media: BTreeMap<String, StoredFile>,
    /// As the list shows them.
    pub(super) templates: Vec<Value>,
    pub(super) sent: Records<Sent>,
    pub(super) shown: Vec<Shown>,
    /// The business's reactions, by the message's id.
    pub(super) reactions: BTreeMap<String, String>,
    pub(super) queue: VecDeque<Delivery>,
    pub(super) in_flight: bool,
    pub(super) last_webhook_error: Option<String>,
    pub(super) faults: Vec<Fault>,
    count: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Customer {
    pub(super) name: String,
    pub(super) user_id: String,
    /// Whether webhooks tell the number.
    pub(super) shows_number: bool,
    pub(super) wrote_at: Option<DateTime<Utc>>,
    /// When the business wrote to them; what of it still counts against the pair's limit.
    pub(super) written_to: VecDeque<DateTime<Utc>>,
}

#[derive(Clone, Debug)]
pub(super) struct StoredFile {
    pub(super) mime: String,
    pub(super) bytes: Bytes,
    /// The token in its last address, and until when it is good.
    pub(super) address: Option<(String, DateTime<Utc>)>,
}

/// A message that reached a customer.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    /// Its id.
    pub id: String,
    /// The customer's number.
    pub to: String,
    /// Like `text`.
    pub kind: String,
    /// The words, whatever the kind.
    pub text: String,
    /// What was sent, under the name of its kind.
    pub content: Value,
    /// The uploaded file that is part of it.
    pub file_bytes: Option<usize>,
    /// The business's own reaction to it.
    pub reaction: Option<String>,
}

/// A reaction of the business, to whosever message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// The message's id.
    pub message_id: String,
    /// The emoji.
    pub emoji: String,
}

/// A sign for a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The customer's message that it is about.
    pub message_id: String,
    /// Somebody is typing; or else it was only read.
    pub typing: bool,
}

impl State {
    pub(super) fn with(templates: Vec<Value>) -> Self {
        Self { templates, ..Self::default() }
    }

    /// A number that was not given before.
    pub(super) fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    pub(super) fn message_id(&mut self) -> String {
        format!("wamid.HBgMSIM{:012}", self.next())
    }
}

impl Simulator {
    /// What reached customers, the oldest first.
    pub fn sent(&self) -> Vec<Sent> {
        self.world.lock().sent.all()
    }

    /// What was shown to customers besides messages.
    pub fn shown(&self) -> Vec<Shown> {
        self.world.lock().shown.clone()
    }

    /// Waits until so many messages have reached customers in all, and gives them.
    pub async fn wait_for_sent(&self, count: usize) -> Vec<Sent> {
        self.world.wait(|state| state.sent.once(count)).await
    }

    /// Waits until one of the messages that reached customers is so, and gives it.
    pub async fn wait_for_one_sent(&self, is_so: impl Fn(&Sent) -> bool) -> Sent {
        self.world.wait(|state| state.sent.iter().find(|sent| is_so(sent)).cloned()).await
    }

    /// Waits until nothing is left to tell the webhook.
    pub async fn wait_until_delivered(&self) {
        self.world.wait(|state| (state.queue.is_empty() && !state.in_flight).then_some(())).await;
    }

    /// What the webhook last failed with.
    pub fn last_webhook_error(&self) -> Option<String> {
        self.world.lock().last_webhook_error.clone()
    }
}
