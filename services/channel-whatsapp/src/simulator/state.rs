use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use url::Url;

use super::{Fault, Simulator, pusher::Delivery};

/// How many messages to customers are kept.
const KEPT: usize = 50_000;

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
    pub(super) sent: VecDeque<Sent>,
    pub(super) total_sent: usize,
    pub(super) shown: Vec<Shown>,
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

    pub(super) fn keep_sent(&mut self, sent: Sent) {
        self.total_sent += 1;
        self.sent.push_back(sent);
        if self.sent.len() > KEPT {
            self.sent.pop_front();
        }
    }
}

impl Simulator {
    /// What reached customers, the oldest first.
    pub fn sent(&self) -> Vec<Sent> {
        self.lock().sent.iter().cloned().collect()
    }

    /// What was shown to customers besides messages.
    pub fn shown(&self) -> Vec<Shown> {
        self.lock().shown.clone()
    }

    /// Waits until so many messages have reached customers in all, and gives them.
    pub async fn wait_for_sent(&self, count: usize) -> Vec<Sent> {
        self.wait(|state| (state.total_sent >= count).then(|| state.sent.iter().cloned().collect())).await
    }

    /// Waits for messages after the first `seen` ones; gives those still kept, and how many there were in all.
    pub async fn wait_for_sent_after(&self, seen: usize) -> (Vec<Sent>, usize) {
        self.wait(|state| {
            let fresh = state.total_sent.checked_sub(seen).filter(|count| *count > 0)?;
            let skipped = state.sent.len().saturating_sub(fresh);
            Some((state.sent.iter().skip(skipped).cloned().collect(), state.total_sent))
        })
        .await
    }

    /// Waits until a webhook is set.
    pub async fn wait_until_connected(&self) {
        self.wait(|state| state.webhook.is_some().then_some(())).await;
    }

    /// Waits until nothing is left to tell the webhook.
    pub async fn wait_until_delivered(&self) {
        self.wait(|state| (state.queue.is_empty() && !state.in_flight).then_some(())).await;
    }

    /// What the webhook last failed with.
    pub fn last_webhook_error(&self) -> Option<String> {
        self.lock().last_webhook_error.clone()
    }
}
