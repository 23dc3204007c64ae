//! A thread of messages with one contact on one channel.
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use weft_domain::conversation::Status;
use weft_store::TenantEntity;

/// A thread of messages with one contact on one channel.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "conversation")]
pub struct Model {
    /// The tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    pub tenant_id: Uuid,
    /// The id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The contact.
    pub contact_id: Uuid,
    /// The channel it is answered on.
    pub channel_id: Uuid,
    /// The channel's kind.
    pub channel_kind: String,
    /// The thread's id at the provider.
    pub thread_id: String,
    /// The contact's id on the channel, where that is not the thread's own.
    pub external_id: Option<String>,
    /// What it is about, if the channel says.
    pub title: Option<String>,
    /// What the contact writes on other channels comes here, too.
    pub spans_channels: bool,
    /// Where it stands; see [`Model::become_status`].
    pub status: String,
    /// What is written in its thread comes here: of the live ones of a thread one.
    pub holds_thread: bool,
    /// The conversation it became part of.
    pub merged_into: Option<Uuid>,
    /// When it opens by itself.
    pub snoozed_until: Option<ChronoDateTimeUtc>,
    /// How urgent it is.
    pub priority: String,
    /// The user it is assigned to.
    pub assignee: Option<Uuid>,
    /// The team it is with.
    pub team: Option<Uuid>,
    /// How many messages of the contact nobody of ours has read.
    pub unread_count: i32,
    /// The `seq` handed out last.
    pub last_seq: i64,
    /// Up to where our side has read.
    pub read_seq: i64,
    /// The newest message.
    pub last_message_id: Option<Uuid>,
    /// The message that is on its way out: one at a time.
    pub delivering: Option<Uuid>,
    /// When the contact last wrote on this channel.
    pub contact_wrote_at: Option<ChronoDateTimeUtc>,
    /// Since when the contact waits for an answer.
    pub waiting_since: Option<ChronoDateTimeUtc>,
    /// Its tags, in the order of the alphabet; `conversation_tag` has them, too.
    #[sea_orm(column_type = "JsonBinary")]
    pub tags: crate::store::tags::Words,
    /// The values of its custom fields.
    #[sea_orm(column_type = "JsonBinary")]
    pub fields: crate::store::custom_fields::Values,
    /// Since when it is out of the lists.
    pub archived_at: Option<ChronoDateTimeUtc>,
    /// When something last happened; lists are sorted by it.
    pub active_at: ChronoDateTimeUtc,
    /// When it began.
    pub created_at: ChronoDateTimeUtc,
    /// When it last changed.
    pub updated_at: ChronoDateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// Where a conversation is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stand {
    /// The channel.
    pub(crate) channel_id: Uuid,
    /// The channel's kind.
    pub(crate) channel_kind: String,
    /// The thread's id at the provider.
    pub(crate) thread_id: String,
    /// The contact's id on the channel, where that is not the thread's own.
    pub(crate) external_id: Option<String>,
}

impl Stand {
    /// Whether nothing else of the contact's is in the thread: a chat with them, not a mail among others.
    pub(crate) fn is_a_chat(&self) -> bool {
        self.external_id.is_none()
    }
}

impl Model {
    /// Where it is answered.
    pub(crate) fn stand(&self) -> Stand {
        Stand {
            channel_id: self.channel_id,
            channel_kind: self.channel_kind.clone(),
            thread_id: self.thread_id.clone(),
            external_id: self.external_id.clone(),
        }
    }

    /// Has it be answered there.
    pub(crate) fn stand_at(&mut self, stand: Stand) {
        self.channel_id = stand.channel_id;
        self.channel_kind = stand.channel_kind;
        self.thread_id = stand.thread_id;
        self.external_id = stand.external_id;
    }

    /// Gives it a status; whatever it is, it is not put away until a time any more.
    pub(crate) fn become_status(&mut self, status: Status) {
        self.status = status.to_string();
        self.snoozed_until = None;
    }

    /// The contact wrote: what was put away, or out of the lists, comes back.
    pub(crate) fn come_back(&mut self, status: Status) {
        self.become_status(status.after_inbound());
        self.archived_at = None;
    }

    /// Somebody who is blocked wrote: it is done, and out of the lists.
    pub(crate) fn stay_away(&mut self, now: ChronoDateTimeUtc) {
        self.become_status(Status::Resolved);
        self.waiting_since = None;
        self.archived_at = self.archived_at.or(Some(now));
    }

    /// What the channel calls the contact.
    pub(crate) fn party_id(&self) -> &str {
        self.external_id.as_deref().unwrap_or(&self.thread_id)
    }
}

impl TenantEntity for Entity {
    const TENANT: Column = Column::TenantId;
}
