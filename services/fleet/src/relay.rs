//! From a service's outbox to the bus.

use tokio_util::sync::CancellationToken;
use weft_bus::{Bus, Event, Stream};
use weft_domain::Result;
use weft_store::{Pending, Store, Topic};

/// Hands a store's committed events to the bus until `stop`.
pub(crate) async fn run(store: Store, bus: Bus, stop: CancellationToken) -> Result<()> {
    let bus = &bus;
    store.relay(|pending| async move { publish(bus, pending).await }, stop).await
}

/// Publishes runs of one stream as batches; their order stays.
async fn publish(bus: &Bus, pending: Vec<Pending>) -> Result<()> {
    let mut orders = Vec::new();
    let mut events = Vec::new();
    for one in pending {
        match one.topic {
            Topic::Out => orders.push(event(one)),
            Topic::Events => events.push(event(one)),
        }
    }
    // What everybody may follow comes first: who sees an order's effect has seen what led to it.
    if !events.is_empty() {
        bus.publish_all(Stream::Events, events).await?;
    }
    if !orders.is_empty() {
        bus.publish_all(Stream::Out, orders).await?;
    }
    Ok(())
}

fn event(pending: Pending) -> Event {
    Event {
        id: pending.id.to_string(),
        kind: pending.kind,
        source: pending.source,
        subject: pending.subject,
        key: pending.key,
        tenant: Some(pending.tenant.to_string()),
        time: pending.time,
        traceparent: pending.traceparent,
        tracestate: None,
        data: pending.body,
    }
}
