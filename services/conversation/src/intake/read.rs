use std::borrow::Cow;

use serde_json::Value;
use tracing::Span;
use weft_bus::{Delivery, subject};
use weft_domain::{Error, Result, TenantId, id};
use weft_proto::{
    channel::v1::{Inbound, inbound},
    json,
};
use weft_telemetry::{TraceContext, span};

use super::Event;
use crate::consumers::INBOUND;

/// Ids are parts of unique indexes, which no database lets grow without end.
const MAX_ID_CHARS: usize = 512;
/// A NUL character as JSON has to write it.
const NUL: &[u8] = br"\u0000";

/// Reads an event of an adapter, and whose it is. What fails here fails each time.
pub(crate) fn read(delivery: &Delivery) -> Result<(TenantId, Event)> {
    let inbound: Inbound = json::decode(&without_nul(&delivery.event.data)?)?;
    if delivery.event.tenant.as_ref().is_some_and(|tenant| *tenant != inbound.tenant_id) {
        return Err(Error::invalid("tenant_mismatch", "the body names another tenant than its event"));
    }
    let tenant = id::parse::<id::Tenant>("tenant_id", &inbound.tenant_id)?;
    let channel_id = id::parse::<id::Channel>("channel_id", &inbound.channel_id)?.uuid();
    // Orders for this conversation will travel on a subject with this word in it.
    subject::outbound(&inbound.channel_kind, 0).map_err(|error| error.with_field("channel_kind"))?;
    // An adapter may write to its provider's subjects only, so that is whose event it is.
    if delivery.event.subject.rsplit('.').next() != Some(inbound.channel_kind.as_str()) {
        return Err(Error::invalid(
            "kind_mismatch",
            "the body names another kind of channel than its subject",
        ));
    }
    if inbound.key.is_empty() {
        return Err(Error::invalid_field("key", "an inbound event has a key"));
    }
    for (field, id) in ids(&inbound) {
        if id.chars().count() > MAX_ID_CHARS {
            return Err(Error::invalid_field(field, format!("an id has at most {MAX_ID_CHARS} characters")));
        }
    }
    Ok((tenant, Event { channel_id, inbound, span: span_of(delivery) }))
}

fn span_of(delivery: &Delivery) -> Span {
    let published = TraceContext {
        traceparent: delivery.event.traceparent.clone(),
        tracestate: delivery.event.tracestate.clone(),
    };
    span::bus_consume(INBOUND, &delivery.event.kind, &published)
}

fn ids(inbound: &Inbound) -> impl Iterator<Item = (&'static str, &str)> {
    let message = match &inbound.event {
        Some(inbound::Event::Message(message)) => Some(message.id.as_str()),
        Some(inbound::Event::Edited(edited)) => edited.message.as_ref().map(|message| message.id.as_str()),
        Some(inbound::Event::Report(report)) => Some(report.id.as_str()),
        Some(inbound::Event::Moved(moved)) => Some(moved.new_id.as_str()),
        _ => None,
    };
    let contact = inbound.thread.as_ref().and_then(|thread| thread.contact.as_ref());
    [
        ("key", Some(inbound.key.as_str())),
        ("thread.id", inbound.thread.as_ref().map(|thread| thread.id.as_str())),
        ("thread.contact.id", contact.map(|contact| contact.id.as_str())),
        ("sender.id", inbound.sender.as_ref().map(|sender| sender.id.as_str())),
        ("event.id", message),
    ]
    .into_iter()
    .filter_map(|(field, id)| Some((field, id?)))
}

/// PostgreSQL takes no NUL characters; what carries them is read without.
fn without_nul(body: &[u8]) -> Result<Cow<'_, [u8]>> {
    if !body.windows(NUL.len()).any(|window| window == NUL) {
        return Ok(Cow::Borrowed(body));
    }
    let unreadable = |error: serde_json::Error| Error::invalid("unreadable_event", error.to_string());
    let mut value: Value = serde_json::from_slice(body).map_err(unreadable)?;
    strip(&mut value);
    serde_json::to_vec(&value).map(Cow::Owned).map_err(Error::internal)
}

fn strip(value: &mut Value) {
    match value {
        Value::String(text) => text.retain(|c| c != '\0'),
        Value::Array(items) => items.iter_mut().for_each(strip),
        Value::Object(fields) => fields.values_mut().for_each(strip),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
