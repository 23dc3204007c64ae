use sha2::{Digest as _, Sha256};
use weft_bus::{Event, MAX_EVENT_BYTES, subject};
use weft_domain::{Error, Result, partition};
use weft_proto::{
    channel::v1::{Inbound, MessageReceived, inbound},
    convert, json,
};

use super::{core::Core, live_account::LiveAccount};
use crate::Adapter;

/// The type of what comes from outside.
pub(crate) const KIND: &str = "weft.v1.inbound";
/// Longer ids of threads are hashed; the bus takes 512 characters.
const MAX_KEY_CHARS: usize = 256;

impl<A: Adapter> Core<A> {
    /// Puts something that came from the provider into its envelope: the same key in the same channel gives the same id.
    pub(crate) fn envelope(&self, account: &LiveAccount<A::Account>, event: Inbound) -> Result<Event> {
        let mut event = event;
        if event.key.is_empty() {
            event.key = digest(&json::encode(&event)?);
        }
        let id = format!("in:{}", digest(format!("{}\0{}", account.channel_id, event.key).as_bytes()));
        self.envelope_as(account.channel_id.to_string(), account.tenant_id.to_string(), id, event)
    }

    /// The same with an id of our own.
    pub(crate) fn envelope_as(
        &self,
        channel_id: String,
        tenant_id: String,
        id: String,
        event: Inbound,
    ) -> Result<Event> {
        let kind = self.descriptor.kind;
        let now = self.clock.now();
        let thread = event.thread.as_ref().map(|thread| thread.id.as_str()).unwrap_or_default();
        let key = order_key(&channel_id, thread);
        let event = Inbound {
            tenant_id: tenant_id.clone(),
            channel_id,
            channel_kind: kind.to_owned(),
            occurred_at: event.occurred_at.or_else(|| Some(convert::timestamp(now))),
            ..event
        };
        let trace = weft_telemetry::current_context();
        Ok(Event {
            id,
            kind: KIND.to_owned(),
            source: format!("/channel-{kind}"),
            subject: subject::inbound(partition::of(&key), kind)?,
            key,
            tenant: Some(tenant_id),
            time: now,
            traceparent: trace.traceparent,
            tracestate: trace.tracestate.filter(|state| state.len() <= MAX_KEY_CHARS),
            data: body(event)?,
        })
    }
}

/// What keeps the order of a chat.
pub(crate) fn order_key(channel_id: &str, thread_id: &str) -> String {
    let plain = thread_id.len() <= MAX_KEY_CHARS && !thread_id.chars().any(char::is_control);
    if plain {
        format!("{channel_id}:{thread_id}")
    } else {
        format!("{channel_id}:{}", digest(thread_id.as_bytes()))
    }
}

pub(crate) fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn body(event: Inbound) -> Result<bytes::Bytes> {
    let whole = json::encode(&event)?;
    if whole.len() <= MAX_EVENT_BYTES {
        return Ok(whole);
    }
    let slim = json::encode(&without_raw(event))?;
    if slim.len() <= MAX_EVENT_BYTES {
        return Ok(slim);
    }
    let words = format!("an event holds at most {MAX_EVENT_BYTES} bytes");
    Err(Error::new(weft_domain::ErrorCode::TooLarge, "event_too_large", words))
}

/// What we cannot show anyway is the first to go.
fn without_raw(event: Inbound) -> Inbound {
    let slim = |message: MessageReceived| MessageReceived { raw: None, ..message };
    let event_of = match event.event {
        Some(inbound::Event::Message(message)) => Some(inbound::Event::Message(slim(message))),
        Some(inbound::Event::Edited(mut edited)) => {
            edited.message = edited.message.map(slim);
            Some(inbound::Event::Edited(edited))
        }
        other => other,
    };
    Inbound { event: event_of, ..event }
}
