use serde::Serialize;
use serde_json::Value;
use weft_domain::{Error, Result};
use weft_proto::conversation::v1::{
    ListMessagesResponse, ListThreadRequest, message::Direction, threads_client::ThreadsClient,
};
use weft_rpc::{Client, error};

use crate::{room::Room, shown};

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

impl History {
    pub(crate) fn new(client: Client) -> Self {
        Self(ThreadsClient::new(client))
    }

    /// What came after `after_seq`.
    pub(crate) async fn list(&self, room: &Room, after_seq: u64, limit: u32) -> Result<Page> {
        let found = self.ask(room, after_seq, limit.clamp(1, MAX_PAGE)).await?;
        let last = found.items.iter().map(|message| message.seq).max().unwrap_or(after_seq);
        let items: Result<Vec<_>> =
            found.items.iter().filter_map(|message| shown::message(room, message).transpose()).collect();
        Ok(Page { items: items?, after_seq: last, more: !found.next_page_token.is_empty() })
    }

    /// The id of our message with this number.
    pub(crate) async fn written_to(&self, room: &Room, seq: u64) -> Result<String> {
        let found = match seq.checked_sub(1) {
            Some(before) => self.ask(room, before, 1).await?.items.pop(),
            None => None,
        };
        found
            .filter(|message| message.seq == seq && message.direction() == Direction::Outbound)
            .map(|message| message.id)
            .ok_or_else(|| Error::invalid_field("seq", "`seq` must be that of a message to this visitor"))
    }

    async fn ask(&self, room: &Room, after_seq: u64, limit: u32) -> Result<ListMessagesResponse> {
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
