use std::collections::BTreeMap;

use weft_channel::simulation::Records;

use super::{
    CallRecord, ChatAction, Fault, Sent, chat::Chat, files::Files, updates::Updates, webhook::Webhook,
};

/// All there is.
pub(super) struct State {
    pub(super) chats: BTreeMap<i64, Chat>,
    pub(super) files: Files,
    pub(super) updates: Updates,
    pub(super) webhook: Webhook,
    pub(super) sent: Records<Sent>,
    pub(super) actions: Records<ChatAction>,
    pub(super) calls: Records<CallRecord>,
    pub(super) answered: Records<String>,
    pub(super) faults: Vec<Fault>,
    /// Rises with every `getUpdates` and `setWebhook`: an older poller has to give way.
    pub(super) poller: u64,
    pub(super) callbacks: u64,
}

impl State {
    pub(super) fn new(first_update_id: i64) -> Self {
        Self {
            chats: BTreeMap::new(),
            files: Files::default(),
            updates: Updates::new(first_update_id),
            webhook: Webhook::default(),
            sent: Records::default(),
            actions: Records::default(),
            calls: Records::default(),
            answered: Records::default(),
            faults: Vec::new(),
            poller: 0,
            callbacks: 0,
        }
    }

    /// The record of a message that the bot sent.
    pub(super) fn sent_message(&mut self, chat_id: i64, message_id: i64) -> Option<&mut Sent> {
        self.sent.iter_mut().rev().find(|sent| (sent.chat_id, sent.message_id) == (chat_id, message_id))
    }

    /// Whether a bot takes updates, by webhook or by polling.
    pub(super) fn is_connected(&self) -> bool {
        self.webhook.url.is_some() || self.poller > 0
    }
}
