//! What a contact is told at once, and what not.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use strum::{Display, EnumString, VariantNames};
use uuid::Uuid;
use weft_domain::{Result, id};
use weft_proto::{
    conversation::v1::{Message, author, content, message},
    convert::time,
};

use crate::store::{auto_answers, auto_replies, business_hours};

/// What was written so long ago gets no answer by itself any more: we were down meanwhile, and it would only confuse.
pub(crate) const WORTH_ANSWERING: TimeDelta = TimeDelta::minutes(15);
/// What was refused, like in a group, is not asked for again so long.
const REFUSED_FOR: TimeDelta = TimeDelta::hours(1);

/// When something is said; what stands first is said first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Display, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Occasion {
    /// Outside its hours.
    OutsideHours,
    /// While nobody is available.
    NobodyAvailable,
    /// A conversation began.
    FirstMessage,
}

/// What a contact wrote.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) conversation: Uuid,
    channel: Uuid,
    seq: i64,
    at: DateTime<Utc>,
}

impl Written {
    /// Reads what we need of a message; none: it is not one that a contact wrote.
    pub(crate) fn read(message: &Message) -> Result<Option<Self>> {
        let wrote = message.author.as_ref().is_some_and(|author| author.kind() == author::Kind::Contact);
        let is_call = message.kind() == content::Kind::Call;
        if !wrote || is_call || message.direction() != message::Direction::Inbound {
            return Ok(None);
        }
        Ok(Some(Self {
            conversation: id::parse::<id::Conversation>("conversation_id", &message.conversation_id)?.uuid(),
            channel: id::parse::<id::Channel>("channel_id", &message.channel_id)?.uuid(),
            seq: i64::try_from(message.seq).unwrap_or(i64::MAX),
            at: message.created_at.as_ref().and_then(time).unwrap_or_default(),
        }))
    }

    /// Whether it was written so lately that an answer at once is one.
    pub(crate) fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now - self.at <= WORTH_ANSWERING
    }
}

/// How things are.
pub(crate) struct Situation {
    /// What is said, the oldest first.
    pub(crate) replies: Vec<auto_replies::Model>,
    /// The hours of those that have some.
    pub(crate) hours: HashMap<Uuid, business_hours::Model>,
    /// Whether anybody is available.
    pub(crate) is_staffed: bool,
}

impl Situation {
    /// What is said to that, if it is not said in this conversation already; `said` is what was. What is still to be said is
    /// given back with that as its newest message.
    pub(crate) fn answer(
        &self,
        written: &Written,
        said: &[auto_answers::Model],
        now: DateTime<Utc>,
    ) -> Option<auto_answers::Model> {
        // the same event again, maybe in another situation
        if said.iter().any(|before| before.newest_seq() >= written.seq) {
            return None;
        }
        let mut fitting: Vec<_> =
            self.replies.iter().filter_map(|reply| Some((self.fits(reply, written)?, reply))).collect();
        // of equals the oldest stays the first
        fitting.sort_by_key(|(occasion, _)| *occasion);
        let (_, reply) = fitting.first()?;
        if let Some(before) = said.iter().find(|one| one.reply_id == reply.id) {
            if before.due_at.is_some() {
                let (newer_seq, newer_at) = (Some(written.seq), Some(now));
                return Some(auto_answers::Model { newer_seq, newer_at, ..before.clone() });
            }
            let again = TimeDelta::hours(reply.again_after_hours.into());
            let is_within = |since: Option<DateTime<Utc>>, time: TimeDelta| {
                since.is_some_and(|at| written.at < at + time)
            };
            if is_within(before.said_at, again) || is_within(before.refused_at, REFUSED_FOR) {
                return None;
            }
        }
        Some(auto_answers::Model {
            tenant_id: reply.tenant_id,
            conversation_id: written.conversation,
            reply_id: reply.id,
            id: auto_answers::decision_id(reply.tenant_id, written.conversation, written.seq),
            seq: written.seq,
            decided_at: now,
            due_at: Some(now),
            attempts: 0,
            said_at: None,
            refused_at: None,
            newer_seq: None,
            newer_at: None,
        })
    }

    fn fits(&self, reply: &auto_replies::Model, written: &Written) -> Option<Occasion> {
        let channels = &reply.channels.0;
        if !channels.is_empty() && !channels.contains(&written.channel) {
            return None;
        }
        let occasion: Occasion = reply.occasion.parse().ok()?;
        let is_open = reply.hours_id.and_then(|id| self.hours.get(&id)).map(|hours| {
            let zone: Tz = hours.time_zone.parse().unwrap_or(Tz::UTC);
            hours.calendar.is_open(zone, written.at)
        });
        let fits = match occasion {
            Occasion::OutsideHours => is_open == Some(false),
            Occasion::NobodyAvailable => !self.is_staffed && is_open != Some(false),
            Occasion::FirstMessage => written.seq == 1 && is_open != Some(false),
        };
        fits.then_some(occasion)
    }
}

#[cfg(test)]
mod tests;
