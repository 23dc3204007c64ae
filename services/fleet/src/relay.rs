//! From a service's outbox to the bus.

use tokio_util::sync::CancellationToken;
use tracing::Span;
use weft_bus::{Bus, Event, Stream};
use weft_domain::Result;
use weft_store::{Pending, Store, Topic};
use weft_telemetry::{TraceContext, current_context, set_parent, span};

/// Hands a store's committed events to the bus until `stop`.
pub(crate) async fn run(store: Store, bus: Bus, stop: CancellationToken) -> Result<()> {
    let bus = &bus;
    store.relay(|pending| async move { publish(bus, pending).await }, stop).await
}

/// Publishes runs of one stream as batches; their order stays.
async fn publish(bus: &Bus, pending: Vec<Pending>) -> Result<()> {
    let mut orders = Vec::new();
    let mut events = Vec::new();
    // Each lasts until all are on the bus.
    let mut spans = Vec::with_capacity(pending.len());
    for one in pending {
        let topic = one.topic;
        let (span, event) = event(one);
        spans.push(span);
        match topic {
            Topic::Out => orders.push(event),
            Topic::Events => events.push(event),
        }
    }
    let published = publish_in_order(bus, events, orders).await;
    if let Err(error) = &published {
        spans.iter().for_each(|one| span::fail(one, error.reason()));
    }
    published
}

async fn publish_in_order(bus: &Bus, events: Vec<Event>, orders: Vec<Event>) -> Result<()> {
    // What everybody may follow comes first: who sees an order's effect has seen what led to it.
    if !events.is_empty() {
        bus.publish_all(Stream::Events, events).await?;
    }
    if !orders.is_empty() {
        bus.publish_all(Stream::Out, orders).await?;
    }
    Ok(())
}

/// The event, and its step in the trace in which it was written.
fn event(pending: Pending) -> (Span, Event) {
    let written = TraceContext { traceparent: pending.traceparent, tracestate: None };
    let span = span::bus_publish(&pending.kind);
    set_parent(&span, &written);
    span.record("messaging.message.id", tracing::field::display(&pending.id));
    span.record("tenant.id", tracing::field::display(&pending.tenant));
    let event = Event {
        id: pending.id.to_string(),
        kind: pending.kind,
        source: pending.source,
        subject: pending.subject,
        key: pending.key,
        tenant: Some(pending.tenant.to_string()),
        time: pending.time,
        traceparent: span.in_scope(current_context).traceparent.or(written.traceparent),
        tracestate: None,
        data: pending.body,
    };
    (span, event)
}
