use std::time::Duration;

use moka::sync::Cache;
use weft_domain::id::ChannelId;

use super::envelope::order_key;
use crate::{Event, Inbound};

/// Providers take a sign of typing for as long as an answer is expected.
const KEEP: Duration = Duration::from_hours(24);
const MOST: u64 = 100_000;

/// The contact's last message in each thread, as far as this replica took it in: some providers hang signs on it.
pub(crate) struct LastMessages(Cache<String, String>);

impl LastMessages {
    pub(crate) fn new() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(KEEP).build())
    }

    /// Notes an event, if it is a message of the contact.
    pub(crate) fn note(&self, channel: &ChannelId, event: &Inbound) {
        let (Some(Event::Message(message)), Some(thread)) = (&event.event, &event.thread) else { return };
        if !message.from_us && !message.id.is_empty() {
            self.0.insert(order_key(&channel.to_string(), &thread.id), message.id.clone());
        }
    }

    pub(crate) fn of(&self, channel: &ChannelId, thread_id: &str) -> Option<String> {
        self.0.get(&order_key(&channel.to_string(), thread_id))
    }
}
