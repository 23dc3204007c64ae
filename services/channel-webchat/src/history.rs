use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use weft_channel::plan;
use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{
    ListThreadRequest, ListThreadResponse, Message, message::Direction, threads_client::ThreadsClient,
};
use weft_rpc::{Client, error};

use crate::{http::visitor::Visitor, room::Room, shown::Eye};

/// The most messages of one page.
pub(crate) const MAX_PAGE: u32 = 100;

/// The conversation service, as far as visitors need it.
#[derive(Clone)]
pub(crate) struct History(ThreadsClient<Client>);

/// Messages of one visitor, oldest first.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    pub(crate) items: Vec<Value>,
    /// Where the next page begins.
    pub(crate) after_seq: u64,
    /// Whether there is one.
    pub(crate) more: bool,
}

/// A button that was touched.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) message_id: String,
    pub(crate) title: String,
    pub(crate) payload: String,
}

impl History {
    pub(crate) fn new(client: Client) -> Self {
        Self(ThreadsClient::new(client))
    }

    /// What came after `after_seq`.
    pub(crate) async fn list(
        &self,
        visitor: &Visitor,
        after_seq: u64,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<Page> {
        let found = self.ask(&visitor.room, after_seq, limit.clamp(1, MAX_PAGE)).await?;
        let last = found.items.iter().map(|message| message.seq).max().unwrap_or(after_seq);
        let eye = Eye { room: &visitor.room, key: &visitor.chat.key, now, read_seq: found.read_seq };
        let items: Result<Vec<_>> =
            found.items.iter().filter_map(|message| eye.message(message).transpose()).collect();
        Ok(Page { items: items?, after_seq: last, more: !found.next_page_token.is_empty() })
    }

    /// Our message with this number.
    pub(crate) async fn written_to(&self, room: &Room, seq: u64) -> Result<Message> {
        let found = match seq.checked_sub(1) {
            Some(before) => self.ask(room, before, 1).await?.items.pop(),
            None => None,
        };
        found
            .filter(|message| message.seq == seq && message.direction() == Direction::Outbound)
            .ok_or_else(|| Error::invalid_field("seq", "`seq` must be that of a message to this visitor"))
    }

    /// The button with this payload under our message with this number.
    pub(crate) async fn chosen(&self, room: &Room, seq: u64, payload: &str) -> Result<Chosen> {
        let message = self.written_to(room, seq).await?;
        let offered = |button: &&_| plan::payload(button) == payload;
        let button = message.buttons.iter().filter(|button| button.url.is_none()).find(offered);
        let button = button.ok_or_else(|| {
            Error::invalid_field("choice.payload", "the message has no button with this payload")
        })?;
        Ok(Chosen { title: button.title.clone(), payload: payload.to_owned(), message_id: message.id })
    }

    /// The id of the visitor's conversation, if there is one.
    pub(crate) async fn conversation(&self, room: &Room) -> Result<Option<String>> {
        let first = self.ask(room, 0, 1).await?.items.pop();
        Ok(first.map(|message| message.conversation_id))
    }

    async fn ask(&self, room: &Room, after_seq: u64, limit: u32) -> Result<ListThreadResponse> {
        let request = ListThreadRequest {
            tenant_id: room.tenant.to_string(),
            channel_id: room.channel.to_string(),
            thread_id: room.thread_id(),
            after_seq,
            limit,
        };
        let answer = self.0.clone().list_thread(request).await.map_err(|status| error(&status))?;
        Ok(answer.into_inner())
    }
}
