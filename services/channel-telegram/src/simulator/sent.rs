use std::collections::VecDeque;

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::Simulator;

/// How many records of a kind are kept.
const KEPT: usize = 50_000;
/// Of how many sent messages the files' content is kept.
const FILES_KEPT: usize = 200;

/// A message that the bot sent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sent {
    /// The method, like `sendMessage`.
    pub method: String,
    /// Where it went.
    pub chat_id: i64,
    /// Its number in the chat.
    pub message_id: i64,
    /// Its text or caption.
    pub text: String,
    /// All parameters of the call.
    pub parameters: Value,
    /// The file that came with it.
    pub file: Option<SentFile>,
}

/// A file that the bot sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SentFile {
    /// Its name.
    pub name: String,
    /// Its type.
    pub mime: String,
    /// Its size.
    pub size: usize,
    /// Its content.
    #[serde(skip)]
    pub bytes: Bytes,
}

/// What the bot showed itself doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChatAction {
    /// Where.
    pub chat_id: i64,
    /// Like `typing`.
    pub action: String,
}

/// A call of the bot, in the order of their coming.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CallRecord {
    /// The method as it was called.
    pub method: String,
    /// What a fault did to it, if one did.
    pub fault: Option<String>,
}

/// The last records of a kind, and how many there were in all.
#[derive(Debug)]
pub(super) struct Records<T> {
    pub(super) total: usize,
    last: VecDeque<T>,
}

impl<T: Clone> Records<T> {
    pub(super) fn push(&mut self, record: T) {
        self.total += 1;
        self.last.push_back(record);
        if self.last.len() > KEPT {
            self.last.pop_front();
        }
    }

    pub(super) fn all(&self) -> Vec<T> {
        self.last.iter().cloned().collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.last.iter()
    }
}

impl Records<Sent> {
    /// Drops the content of all but the last files.
    pub(super) fn forget_old_files(&mut self) {
        let old = self.last.iter_mut().rev().nth(FILES_KEPT);
        if let Some(file) = old.and_then(|sent| sent.file.as_mut()) {
            file.bytes = Bytes::new();
        }
    }
}

impl<T> Default for Records<T> {
    fn default() -> Self {
        Self { total: 0, last: VecDeque::new() }
    }
}

impl Simulator {
    /// What the bot sent, the oldest first.
    pub fn sent(&self) -> Vec<Sent> {
        self.lock().sent.all()
    }

    /// Waits until the bot has sent so many messages in all, and gives them.
    pub async fn wait_for_sent(&self, count: usize) -> Vec<Sent> {
        self.wait(|state| (state.sent.total >= count).then(|| state.sent.all())).await
    }

    /// Waits for messages after the first `seen` ones; gives those still kept, and how many there were in all.
    pub async fn wait_for_sent_after(&self, seen: usize) -> (Vec<Sent>, usize) {
        self.wait(|state| {
            let fresh = state.sent.total.checked_sub(seen).filter(|count| *count > 0)?;
            let skipped = state.sent.iter().count().saturating_sub(fresh);
            Some((state.sent.iter().skip(skipped).cloned().collect(), state.sent.total))
        })
        .await
    }

    /// What the bot showed itself doing.
    pub fn chat_actions(&self) -> Vec<ChatAction> {
        self.lock().actions.all()
    }

    /// Every call of the bot.
    pub fn calls(&self) -> Vec<CallRecord> {
        self.lock().calls.all()
    }

    /// Waits until the bot has called this method so often.
    pub async fn wait_for_calls(&self, method: &str, count: usize) {
        let is_meant = |call: &&CallRecord| call.method == method;
        self.wait(|state| (state.calls.iter().filter(is_meant).count() >= count).then_some(())).await;
    }

    /// The ids of the button presses that the bot answered.
    pub fn answered_callbacks(&self) -> Vec<String> {
        self.lock().answered.all()
    }
}
