use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;
use weft_channel::simulation::Records;

use super::{Simulator, chat::Chat};

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
    /// Its text or caption, as it is now.
    pub text: String,
    /// All parameters of the call that sent it.
    pub parameters: Value,
    /// The file that came with it.
    pub file: Option<SentFile>,
    /// The bot changed its words.
    pub edited: bool,
    /// The bot removed it.
    pub deleted: bool,
    /// The bot's own reaction to it.
    pub reaction: Option<String>,
}

/// A reaction of the bot, to whosever message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// Where.
    pub chat_id: i64,
    /// To which message there.
    pub message_id: i64,
    /// The emoji.
    pub emoji: String,
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

/// Drops the content of all but the last files.
pub(super) fn forget_old_files(sent: &mut Records<Sent>) {
    let old = sent.iter_mut().rev().nth(FILES_KEPT);
    if let Some(file) = old.and_then(|sent| sent.file.as_mut()) {
        file.bytes = Bytes::new();
    }
}

impl Simulator {
    /// What the bot sent, the oldest first.
    pub fn sent(&self) -> Vec<Sent> {
        self.world.lock().sent.all()
    }

    /// Waits until the bot has sent so many messages in all, and gives them.
    pub async fn wait_for_sent(&self, count: usize) -> Vec<Sent> {
        self.world.wait(|state| state.sent.once(count)).await
    }

    /// Waits until one of the bot's messages is so, and gives it.
    pub async fn wait_for_one_sent(&self, is_so: impl Fn(&Sent) -> bool) -> Sent {
        self.world.wait(|state| state.sent.iter().find(|sent| is_so(sent)).cloned()).await
    }

    /// Waits for messages after the first `seen` ones; gives those still kept, and how many there were in all.
    pub async fn wait_for_sent_after(&self, seen: usize) -> (Vec<Sent>, usize) {
        self.world.wait(|state| state.sent.after(seen)).await
    }

    /// The bot's reactions as they are now, to its own messages and to those of others.
    pub fn reactions(&self) -> Vec<Reaction> {
        self.world.lock().chats.values().flat_map(Chat::bot_reactions).collect()
    }

    /// What the bot showed itself doing.
    pub fn chat_actions(&self) -> Vec<ChatAction> {
        self.world.lock().actions.all()
    }

    /// Every call of the bot.
    pub fn calls(&self) -> Vec<CallRecord> {
        self.world.lock().calls.all()
    }

    /// Waits until the bot has called this method so often.
    pub async fn wait_for_calls(&self, method: &str, count: usize) {
        let is_meant = |call: &&CallRecord| call.method == method;
        self.world.wait(|state| (state.calls.iter().filter(is_meant).count() >= count).then_some(())).await;
    }

    /// The ids of the button presses that the bot answered.
    pub fn answered_callbacks(&self) -> Vec<String> {
        self.world.lock().answered.all()
    }
}
