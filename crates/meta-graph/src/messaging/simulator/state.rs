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
    /// Where the simulator is reached itself.
    pub(super) base: String,
    pub(super) webhook: Option<Url>,
    pub(super) subscribed: bool,
    /// By id.
    pub(super) customers: BTreeMap<String, Customer>,
    /// Who wrote a message to the business, by the message's id.
    pub(super) written: BTreeMap<String, String>,
    pub(super) files: BTreeMap<String, StoredFile>,
    pub(super) sent: Records<Sent>,
    pub(super) shown: Vec<Shown>,
    /// The business's reactions, by the message's id.
    pub(super) reactions: BTreeMap<String, String>,
    /// What a person can begin with.
    pub(super) profile: Value,
    pub(super) queue: VecDeque<Delivery>,
    pub(super) in_flight: bool,
    pub(super) last_webhook_error: Option<String>,
    pub(super) faults: Vec<Fault>,
    count: u64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Customer {
    pub(super) name: String,
    pub(super) wrote_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug)]
pub(super) struct StoredFile {
    pub(super) mime: &'static str,
    pub(super) bytes: Bytes,
    /// From then on its address gives nothing.
    pub(super) until: DateTime<Utc>,
}

/// A message that reached a customer.
#[derive(Clone, Debug, Serialize)]
pub struct Sent {
    /// Its id.
    pub id: String,
    /// The customer.
    pub to: String,
    /// `text`, or the attachment's type.
    pub kind: String,
    /// The words, whatever the kind.
    pub text: String,
    /// The message as it was sent.
    pub message: Value,
    /// What it was said to be for.
    pub tag: Option<String>,
    /// The message it answers.
    pub reply_to: Option<String>,
    /// The file that came with it.
    pub file_bytes: Option<usize>,
    /// The business's own reaction to it.
    pub reaction: Option<String>,
}

/// A reaction of the business, to whosever message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// The message's id.
    pub message_id: String,
    /// What the provider calls it.
    pub reaction: String,
}

/// A sign for a customer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The customer.
    pub to: String,
    /// Like `typing_on`.
    pub action: String,
}

impl State {
    /// A number that was not given before.
    pub(super) fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
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

    /// What the business offers people to begin with.
    pub fn profile(&self) -> Value {
        self.world.lock().profile.clone()
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
