//! From a service's outbox to the bus.

use bytes::Bytes;
use tokio_util::sync::CancellationToken;
use tracing::Span;
use weft_bus::{Bus, Event, NewDeadLetter, Stream};
use weft_domain::{Error, Result};
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
    let mut audit = Vec::new();
    // Each lasts until all are on the bus.
    let mut spans = Vec::with_capacity(pending.len());
    for one in pending {
        let (stream, batch) = match one.topic {
            Topic::Out => (Stream::Out, &mut orders),
            Topic::Events => (Stream::Events, &mut events),
            Topic::Audit => (Stream::Audit, &mut audit),
        };
        let (span, event) = event(one);
        match event.check(stream) {
            Ok(()) => batch.push(event),
            Err(error) => put_aside(bus, event, &error).await?,
        }
        spans.push(span);
    }
    let published =
        publish_in_order(bus, [(Stream::Audit, audit), (Stream::Events, events), (Stream::Out, orders)]);
    published.await.inspect_err(|error| spans.iter().for_each(|one| span::fail(one, error.reason())))
}

/// What the bus refuses each time must not stop what comes after it. Its row stays in the outbox for some days; the
/// letter says which one.
async fn put_aside(bus: &Bus, event: Event, error: &Error) -> Result<()> {
    tracing::error!(event.id = %event.id, event.kind = %event.kind, %error, "the bus refuses an event of the outbox");
    let letter = NewDeadLetter {
        source: format!("outbox-{}", event.source.trim_start_matches('/')),
        reason: error.reason().to_owned(),
        words: format!("event {} on subject {:?}: {}", event.id, event.subject, error.message()),
        attempts: 1,
        stream: None,
        event: Event {
            subject: "weft.refused".to_owned(),
            key: String::new(),
            traceparent: None,
            data: Bytes::new(),
            ..event
        },
    };
    bus.put_dead_letter(letter).await
}

/// What cannot be written down is not announced; who sees an order's effect has seen what led to it.
async fn publish_in_order(bus: &Bus, batches: [(Stream, Vec<Event>); 3]) -> Result<()> {
    for (stream, events) in batches {
        if !events.is_empty() {
            bus.publish_all(stream, events).await?;
        }
    }
    Ok(())
}

/// The event, and its step in the trace in which it was written.
pub(crate) fn event(pending: Pending) -> (Span, Event) {
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

#[cfg(test)]
mod tests {
    use chrono::Utc;
    use uuid::Uuid;
    use weft_bus::{MAX_EVENT_BYTES, Settings};
    use weft_domain::id;

    use super::*;

    fn pending(topic: Topic, subject: &str, body: usize) -> Pending {
        Pending {
            id: Uuid::now_v7(),
            tenant: id::new(),
            topic,
            subject: subject.to_owned(),
            kind: "weft.v1.test.created".to_owned(),
            source: "/test".to_owned(),
            key: "a".to_owned(),
            time: Utc::now(),
            traceparent: None,
            body: vec![b' '; body].into(),
        }
    }

    #[tokio::test]
    async fn what_the_bus_refuses_for_good_becomes_a_dead_letter_and_the_rest_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings::at(format!("embedded:{}", folder.path().display()));
        let bus = Bus::connect(&settings).await.unwrap();
        bus.migrate(&[]).await.unwrap();
        let batch = vec![
            pending(Topic::Events, "weft.events.t.test.created", 1),
            pending(Topic::Events, "weft.events.t.test.created", MAX_EVENT_BYTES + 1),
            pending(Topic::Out, "weft.out.no word.1", 1),
            pending(Topic::Out, "weft.out.test.1", 1),
        ];
        let ids: Vec<_> = batch.iter().map(|one| one.id.to_string()).collect();
        publish(&bus, batch.clone()).await.unwrap();
        publish(&bus, batch).await.unwrap();
        assert_eq!(bus.last_cursor(Stream::Events).await.unwrap(), 1);
        assert_eq!(bus.last_cursor(Stream::Out).await.unwrap(), 1);
        let letters = bus.dead_letters(0, 10).await.unwrap();
        let told: Vec<_> = letters.iter().map(|one| (&*one.letter.event.id, &*one.letter.reason)).collect();
        assert_eq!(told, [(&*ids[1], "event_too_large"), (&*ids[2], "invalid_event")]);
        assert!(letters.iter().all(|one| one.letter.source == "outbox-test"));
    }
}
