use std::{borrow::Cow, time::Duration};

use chrono::{DateTime, Utc};
use uuid::Uuid;
use weft_domain::{
    TenantId,
    id::{self, ChannelId},
};
use weft_proto::{
    channel::v1::Noted,
    convert::timestamp,
    directory::v1::{
        ChannelLogEntry,
        channel_log_entry::{Direction, Outcome},
    },
};

use super::plain;

/// One line for the log of a channel. Of what was said it holds sizes and numbers only.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) tenant: TenantId,
    pub(crate) channel: ChannelId,
    pub(crate) at: DateTime<Utc>,
    pub(crate) direction: Direction,
    pub(crate) operation: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) code: Cow<'static, str>,
    pub(crate) detail: String,
    pub(crate) took: Duration,
    pub(crate) bytes: usize,
    pub(crate) events: usize,
    pub(crate) attempt: u32,
    pub(crate) message_id: String,
    pub(crate) throttled_until: Option<DateTime<Utc>>,
}

/// What lines have in common that may be counted as one.
pub(super) type Kind = (ChannelId, Direction, &'static str, Outcome, Cow<'static, str>);

impl Note {
    /// A line without anything to tell.
    pub(crate) fn new(
        (tenant, channel): (TenantId, ChannelId),
        at: DateTime<Utc>,
        (direction, operation): (Direction, &'static str),
    ) -> Self {
        Self {
            tenant,
            channel,
            at,
            direction,
            operation,
            outcome: Outcome::Ok,
            code: Cow::Borrowed(""),
            detail: String::new(),
            took: Duration::ZERO,
            bytes: 0,
            events: 0,
            attempt: 0,
            message_id: String::new(),
            throttled_until: None,
        }
    }

    pub(super) fn kind(&self) -> Kind {
        (self.channel, self.direction, self.operation, self.outcome, self.code.clone())
    }

    pub(super) fn line(self) -> Noted {
        let entry = ChannelLogEntry {
            id: id::from_uuid::<id::LogEntry>(Uuid::now_v7()).to_string(),
            at: Some(timestamp(self.at)),
            direction: self.direction.into(),
            operation: self.operation.to_owned(),
            outcome: self.outcome.into(),
            code: self.code.into_owned(),
            detail: plain(&self.detail),
            duration_ms: millis(self.took),
            bytes: size(self.bytes),
            events: count(self.events),
            attempt: self.attempt,
            count: 1,
            message_id: self.message_id,
        };
        Noted {
            tenant_id: self.tenant.to_string(),
            channel_id: self.channel.to_string(),
            entry: Some(entry),
            throttled_until: self.throttled_until.map(timestamp),
        }
    }

    /// Counts it in a line of the same kind, which then stands for no single message.
    pub(super) fn count_in(self, line: &mut Noted) {
        let Some(entry) = &mut line.entry else { return };
        entry.count = entry.count.saturating_add(1);
        entry.at = Some(timestamp(self.at));
        entry.duration_ms = entry.duration_ms.max(millis(self.took));
        entry.bytes = entry.bytes.saturating_add(size(self.bytes));
        entry.events = entry.events.saturating_add(count(self.events));
        entry.attempt = entry.attempt.max(self.attempt);
        entry.message_id.clear();
        line.throttled_until = self.throttled_until.map(timestamp).or(line.throttled_until.take());
    }
}

fn millis(took: Duration) -> u32 {
    u32::try_from(took.as_millis()).unwrap_or(u32::MAX)
}

fn size(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

fn count(events: usize) -> u32 {
    u32::try_from(events).unwrap_or(u32::MAX)
}
