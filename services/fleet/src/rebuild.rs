//! What the bus has lost, from the outboxes (BUS-8): everybody's events and the audit log's records are published again with
//! their ids; messages whose orders are lost become unclear, or go out again.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use weft_bus::{Bus, ConsumerSpec, Event, Stream};
use weft_conversation::LostOrders;
use weft_domain::{Error, ErrorCode, Result};
use weft_proto::{channel::v1::Order, json};
use weft_runtime::{Lifecycle, StopTimes};
use weft_store::{Pending, Store, Topic};

use crate::{
    Settings,
    nats::OPERATOR,
    process::{dependencies, open_stores},
    relay,
    roster::{self, Entry},
};

/// So long after the bus has come back an adapter may still work on an order that it had taken before: the longest call, and
/// some more.
pub const IN_HAND: TimeDelta = TimeDelta::seconds(90);

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Events that were published again.
    pub events: u64,
    /// Records of the audit log that were published again.
    pub records: u64,
    /// Lost orders whose messages or files still waited.
    pub orders: u64,
}

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Rebuild {
    /// From when on.
    pub since: DateTime<Utc>,
    /// How long after the bus came back adapters may still have orders in hand.
    pub in_hand: TimeDelta,
    /// Whether messages whose orders are lost go out again, although some of them may have gone.
    pub send_again: bool,
}

/// Makes the streams that are missing, and fills them. `progress` is told how much of how much has been read.
pub async fn run(
    settings: Settings,
    rebuild: Rebuild,
    progress: impl Fn(u64, u64) + Sync,
) -> Result<Rebuilt> {
    let settings = Arc::new(settings);
    let lifecycle = Lifecycle::new(StopTimes::LAPTOP);
    let parts = dependencies(&settings, OPERATOR, &lifecycle, settings.run.listen).await?;
    let entries: Vec<&Entry> = roster::ENTRIES.iter().collect();
    let stores = open_stores(&parts, &entries).await?;
    let consumers: Vec<ConsumerSpec> =
        entries.iter().flat_map(|entry| (entry.consumers)(&settings)).collect();
    let work = Work { bus: &parts.bus, rebuild, name: format!("again-{}", Utc::now().timestamp_millis()) };
    let done = async {
        parts.bus.migrate(&consumers).await?;
        parts.bus.migrate_outside_readers(&settings.outside_readers()).await?;
        work.all(&stores, progress).await
    }
    .await;
    for (_, store) in &stores {
        store.close().await?;
    }
    parts.bus.close().await;
    done
}

struct Work<'a> {
    bus: &'a Bus,
    rebuild: Rebuild,
    /// Tells this repetition from others.
    name: String,
}

impl Work<'_> {
    async fn all(
        &self,
        stores: &[(&'static str, Store)],
        progress: impl Fn(u64, u64) + Sync,
    ) -> Result<Rebuilt> {
        let mut total = 0;
        for (_, store) in stores {
            total += store.handed_on(self.rebuild.since).await?;
        }
        let made = self.bus.made_at(Stream::Out).await?;
        let (read, done) = (AtomicU64::new(0), Done::default());
        let mut lost = Vec::new();
        for (name, store) in stores {
            let orders = std::sync::Mutex::new(Vec::new());
            store
                .hand_on_again(self.rebuild.since, |pending| {
                    let count = u64::try_from(pending.len()).unwrap_or_default();
                    let (events, of_orders) = self.sort(pending, made);
                    orders.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(of_orders);
                    let (read, done, progress) = (&read, &done, &progress);
                    async move {
                        self.publish(events, done).await?;
                        progress(read.fetch_add(count, Ordering::Relaxed) + count, total);
                        Ok(())
                    }
                })
                .await?;
            let orders = orders.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
            if *name == weft_conversation::NAME {
                lost.extend(orders.into_iter().map(|order| (store, order)));
            }
        }
        let mut rebuilt = done.told();
        let until = made.unwrap_or_default() + self.rebuild.in_hand;
        let policy = LostOrders { until, again: self.rebuild.send_again };
        for (store, order) in lost {
            rebuilt.orders += u64::from(settle(store, &order, policy).await?);
        }
        Ok(rebuilt)
    }

    /// Events and records to be published, and orders that the bus cannot have any more.
    fn sort(
        &self,
        pending: Vec<Pending>,
        made: Option<DateTime<Utc>>,
    ) -> (Vec<(Stream, Event)>, Vec<Pending>) {
        let (mut events, mut orders) = (Vec::new(), Vec::new());
        for one in pending {
            match one.topic {
                Topic::Events => events.push((Stream::Events, relay::event(one).1)),
                Topic::Audit => events.push((Stream::Audit, relay::event(one).1)),
                Topic::Out if made.is_some_and(|made| one.time < made) => orders.push(one),
                Topic::Out => {}
            }
        }
        // What the bus refuses each time was put aside when it was new.
        events.retain(|(stream, event)| event.check(*stream).is_ok());
        (events, orders)
    }

    async fn publish(&self, all: Vec<(Stream, Event)>, done: &Done) -> Result<()> {
        let (events, records): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(stream, _)| *stream == Stream::Events);
        for (stream, batch, count) in
            [(Stream::Events, events, &done.events), (Stream::Audit, records, &done.records)]
        {
            let batch: Vec<Event> = batch.into_iter().map(|(_, event)| event).collect();
            let added = u64::try_from(batch.len()).unwrap_or_default();
            self.bus.publish_all_again(stream, batch, &self.name).await?;
            count.fetch_add(added, Ordering::Relaxed);
        }
        Ok(())
    }
}

#[derive(Default)]
struct Done {
    events: AtomicU64,
    records: AtomicU64,
}

impl Done {
    fn told(&self) -> Rebuilt {
        Rebuilt {
            events: self.events.load(Ordering::Relaxed),
            records: self.records.load(Ordering::Relaxed),
            orders: 0,
        }
    }
}

async fn settle(store: &Store, lost: &Pending, policy: LostOrders) -> Result<bool> {
    let order: Order = json::decode(&lost.body)?;
    match weft_conversation::settle_lost_order(store, lost.tenant, &order, policy).await {
        // What it was about is gone as well.
        Err(error) if error.code() == ErrorCode::NotFound => Ok(false),
        done => done,
    }
}

/// An instant from words: a time like `2026-01-31T08:00:00Z`, or how long ago, like `90m`, `36h`, `3d`.
pub fn parse_since(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>> {
    if let Ok(time) = text.parse::<DateTime<Utc>>() {
        return Ok(time);
    }
    let wrong = || {
        Error::invalid(
            "invalid_field",
            "give a time like 2026-01-31T08:00:00Z, or how long ago: 90m, 36h, 3d",
        )
    };
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: i64 = text.strip_suffix(unit).unwrap_or_default().parse().map_err(|_| wrong())?;
    let span = match unit {
        's' => TimeDelta::try_seconds(number),
        'm' => TimeDelta::try_minutes(number),
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        _ => None,
    };
    let span = span.filter(|span| *span >= TimeDelta::zero()).ok_or_else(wrong)?;
    now.checked_sub_signed(span).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_a_time_or_how_long_ago() {
        let now: DateTime<Utc> = "2026-01-31T08:00:00Z".parse().unwrap();
        let since = |text: &str| parse_since(text, now).map(|time| time.to_rfc3339()).ok();
        assert_eq!(since("2026-01-30T10:00:00+02:00").as_deref(), Some("2026-01-30T08:00:00+00:00"));
        assert_eq!(since("90m").as_deref(), Some("2026-01-31T06:30:00+00:00"));
        assert_eq!(since("36h").as_deref(), Some("2026-01-29T20:00:00+00:00"));
        assert_eq!(since("3d").as_deref(), Some("2026-01-28T08:00:00+00:00"));
        for wrong in ["", "3", "d", "3x", "-3d", "3 d", "99999999999999999d", "yesterday", "3dd"] {
            assert!(since(wrong).is_none(), "{wrong}");
        }
    }
}
