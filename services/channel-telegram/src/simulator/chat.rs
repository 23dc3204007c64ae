use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Reaction;

/// How many messages of a chat are remembered.
const REMEMBERED: usize = 200;

/// A chat of the bot.
#[derive(Clone, Debug)]
pub(super) struct Chat {
    pub(super) id: i64,
    /// As `chat` appears in messages.
    pub(super) shown: Value,
    /// The customer of a private chat, as `from` appears in messages.
    pub(super) customer: Value,
    /// The bot may not write here: blocked by the customer, or removed from the group.
    pub(super) closed: bool,
    pub(super) moved_to: Option<i64>,
    last_message_id: i64,
    messages: BTreeMap<i64, Value>,
    reactions: BTreeMap<i64, String>,
    bot_reactions: BTreeMap<i64, String>,
}

impl Chat {
    pub(super) fn private(id: i64, first_name: &str, language: &str) -> Self {
        let customer =
            json!({"id": id, "is_bot": false, "first_name": first_name, "language_code": language});
        Self::new(id, json!({"id": id, "type": "private", "first_name": first_name}), customer)
    }

    /// A group; ids of groups are negative, those of supergroups start with -100.
    pub(super) fn group(id: i64, title: &str) -> Self {
        let kind = if id < -1_000_000_000_000 { "supergroup" } else { "group" };
        Self::new(id, json!({"id": id, "type": kind, "title": title}), Value::Null)
    }

    fn new(id: i64, shown: Value, customer: Value) -> Self {
        Self {
            id,
            shown,
            customer,
            closed: false,
            moved_to: None,
            last_message_id: 10,
            messages: BTreeMap::new(),
            reactions: BTreeMap::new(),
            bot_reactions: BTreeMap::new(),
        }
    }

    pub(super) fn is_private(&self) -> bool {
        self.id > 0
    }

    pub(super) fn next_message_id(&mut self) -> i64 {
        self.last_message_id += 1;
        self.last_message_id
    }

    pub(super) fn message(&self, id: i64) -> Option<&Value> {
        self.messages.get(&id)
    }

    pub(super) fn forget(&mut self, id: i64) {
        self.messages.remove(&id);
        self.reactions.remove(&id);
        self.bot_reactions.remove(&id);
    }

    /// Sets the customer's reaction to a message and gives the one before.
    pub(super) fn react(&mut self, message_id: i64, emoji: Option<String>) -> Option<String> {
        set(&mut self.reactions, message_id, emoji)
    }

    /// Sets the bot's.
    pub(super) fn bot_reacts(&mut self, message_id: i64, emoji: Option<String>) {
        set(&mut self.bot_reactions, message_id, emoji);
    }

    pub(super) fn bot_reactions(&self) -> impl Iterator<Item = Reaction> {
        let reaction = |(id, emoji): (&i64, &String)| Reaction {
            chat_id: self.id,
            message_id: *id,
            emoji: emoji.clone(),
        };
        self.bot_reactions.iter().map(reaction)
    }

    pub(super) fn remember(&mut self, id: i64, message: Value) {
        self.messages.insert(id, message);
        while self.messages.len() > REMEMBERED {
            self.messages.pop_first();
        }
    }
}

fn set(reactions: &mut BTreeMap<i64, String>, message_id: i64, emoji: Option<String>) -> Option<String> {
    match emoji {
        Some(emoji) => reactions.insert(message_id, emoji),
        None => reactions.remove(&message_id),
    }
}
