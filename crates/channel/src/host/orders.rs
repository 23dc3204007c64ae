use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{
    FutureExt as _,
    future::{BoxFuture, join_all},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;
use weft_bus::{Consumer, ConsumerSpec, Delivery, Outcome, Stream};
use weft_domain::Result;
use weft_proto::{
    channel::v1::{Order, order},
    json,
};
use weft_telemetry::TraceContext;

use super::core::Core;
use crate::Adapter;

/// How long a batch waits for its slowest order; the others of the batch do not wait for it any longer.
const PATIENCE: Duration = Duration::from_millis(500);
const LOOK_AGAIN: Duration = Duration::from_millis(250);
const LOOK_AGAIN_AT_LEAST: Duration = Duration::from_secs(2);
/// How long stopping waits for what is in flight, so that the bus learns of its end.
const LAST_WAIT: Duration = Duration::from_secs(15);

/// So many replicas of an adapter can share its orders. A divisor of the number of partitions.
const SHARDS: u16 = 4;

/// The consumer of the adapter of this kind.
///
/// An order is never tried again by the bus: a delivery after the first only asks how the one in flight is doing, or is
/// reported to whoever wrote the order. So no number of deliveries is too large.
pub(crate) fn consumer(kind: &str) -> ConsumerSpec {
    let filter = format!("weft.out.{kind}.*");
    let spec = ConsumerSpec::new(&format!("channel-{kind}"), Stream::Out, &[&filter]);
    ConsumerSpec { max_attempts: 100_000, shards: SHARDS, ..spec }
}

/// The orders that this process carries out.
#[derive(Default)]
pub(crate) struct Orders {
    in_flight: Mutex<HashMap<String, InFlight>>,
    changed: tokio::sync::Notify,
    stopping: AtomicBool,
}

struct InFlight {
    outcome: watch::Receiver<Option<Outcome>>,
    asked_at: Instant,
}

/// An order nobody asks about any more was given to another process.
const FORGOTTEN: Duration = Duration::from_secs(600);

impl Orders {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, InFlight>> {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, id: &str) -> Option<watch::Receiver<Option<Outcome>>> {
        let mut orders = self.lock();
        let order = orders.get_mut(id)?;
        order.asked_at = Instant::now();
        Some(order.outcome.clone())
    }

    fn add(&self, id: &str, outcome: watch::Receiver<Option<Outcome>>) {
        let mut orders = self.lock();
        let now = Instant::now();
        orders.retain(|_, order| now.duration_since(order.asked_at) < FORGOTTEN);
        orders.insert(id.to_owned(), InFlight { outcome, asked_at: now });
    }

    fn remove(&self, id: &str) {
        self.lock().remove(id);
        self.changed.notify_waiters();
    }

    async fn until_none(&self) {
        loop {
            let changed = self.changed.notified();
            if self.lock().is_empty() {
                return;
            }
            changed.await;
        }
    }
}

impl<A: Adapter> Core<A> {
    /// Carries out orders until the process stops; then finishes those in flight.
    pub(crate) async fn take_orders(self: Arc<Self>, consumer: Consumer) -> Result<()> {
        let stop = CancellationToken::new();
        let taking = Arc::clone(&self);
        let run = consumer.run(stop.clone(), move |deliveries: Vec<Delivery>| {
            let core = Arc::clone(&taking);
            async move { join_all(deliveries.into_iter().map(|delivery| core.take_order(delivery))).await }
        });
        let mut run = Box::pin(run);
        let asked = self.lifecycle.work().stop_token();
        tokio::select! {
            ended = &mut run => return ended,
            () = asked.cancelled() => {}
        }
        self.orders.stopping.store(true, Ordering::SeqCst);
        let finish = async {
            if tokio::time::timeout(LAST_WAIT, self.orders.until_none()).await.is_err() {
                tracing::warn!("orders in flight are left to the bus");
            }
            stop.cancel();
        };
        tokio::join!(run, finish).0
    }

    async fn take_order(self: &Arc<Self>, delivery: Delivery) -> Outcome {
        let (id, attempts) = (delivery.event.id.clone(), delivery.attempts);
        let mut outcome = match self.orders.find(&id) {
            Some(outcome) => outcome,
            None if self.orders.stopping.load(Ordering::SeqCst) => return again("stopping"),
            None => self.start_order(delivery),
        };
        let waited = tokio::time::timeout(PATIENCE, outcome.wait_for(Option::is_some)).await;
        let ended = match waited {
            Err(_) => return Outcome::Retry { after: look_again(attempts), reason: "in_flight".to_owned() },
            Ok(ended) => ended.ok().and_then(|outcome| outcome.clone()),
        };
        self.orders.remove(&id);
        ended.unwrap_or_else(|| again("given_up"))
    }

    fn start_order(self: &Arc<Self>, delivery: Delivery) -> watch::Receiver<Option<Outcome>> {
        let (tell, outcome) = watch::channel(None);
        self.orders.add(&delivery.event.id, outcome.clone());
        let core = Arc::clone(self);
        let event = &delivery.event;
        let written =
            TraceContext { traceparent: event.traceparent.clone(), tracestate: event.tracestate.clone() };
        let consumer = format!("channel-{}", self.descriptor.kind);
        let span = weft_telemetry::span::bus_consume(&consumer, &event.kind, &written);
        let work = async move {
            let ended = core.carry_out(delivery).boxed().await;
            tell.send_replace(Some(ended));
        };
        self.lifecycle.work().spawn("carry out order", work.instrument(span));
        outcome
    }

    async fn carry_out(self: &Arc<Self>, delivery: Delivery) -> Outcome {
        let received = Instant::now();
        let order: Order = match json::decode(&delivery.event.data) {
            Ok(order) => order,
            Err(error) => return dead("unreadable_order", error.message()),
        };
        if delivery.event.tenant.as_ref().is_some_and(|tenant| *tenant != order.tenant_id) {
            return dead("tenant_mismatch", "the order names another tenant than its event");
        }
        // one that was a dead letter may have been out, too: who wrote it knows whether it is still wanted
        let replayed = delivery.event.is_replayed_order();
        // the embedded bus does not count a delivery that ended with the process, so what is older may have been out
        let first = delivery.attempts <= 1 && delivery.cursor > self.orders_before && !replayed;
        let done = match &order.order {
            Some(order::Order::Deliver(message)) => {
                let deliver = if first {
                    self.deliver_message(&order, message, &delivery, received).boxed()
                } else {
                    self.report_redelivered(&order, message, &delivery).boxed()
                };
                caught(deliver, self.report_panic(&order, message).boxed()).await
            }
            Some(order::Order::FetchMedia(fetch)) => {
                let id = &delivery.event.id;
                let fetched = self.fetch_media(&order, fetch, id).boxed();
                caught(fetched, self.report_fetch_panic(&order, fetch, id).boxed()).await
            }
            Some(order::Order::Change(change)) => {
                let changed = self.change_message(&order, change).boxed();
                caught(changed, self.report_change_panic(&order, change).boxed()).await
            }
            None => return dead("unknown_order", "this release knows no such order"),
        };
        match done {
            Ok(()) => Outcome::Done,
            Err(error) => {
                tracing::warn!(%error, event.id = %delivery.event.id, "an order's end could not be told");
                again("untold")
            }
        }
    }
}

/// What work comes to; where the adapter panicked in it, that is told instead. Untold, it would be asked about for ever.
async fn caught(work: BoxFuture<'_, Result<()>>, report_panic: BoxFuture<'_, Result<()>>) -> Result<()> {
    match AssertUnwindSafe(work).catch_unwind().await {
        Ok(told) => told,
        Err(_) => report_panic.await,
    }
}

/// The slower an order is, the less often it is looked at.
fn look_again(attempts: u32) -> Duration {
    LOOK_AGAIN.saturating_mul(attempts).min(LOOK_AGAIN_AT_LEAST)
}

fn again(reason: &str) -> Outcome {
    Outcome::Retry { after: LOOK_AGAIN, reason: reason.to_owned() }
}

fn dead(reason: &str, words: &str) -> Outcome {
    Outcome::Dead { reason: reason.to_owned(), words: words.to_owned() }
}
