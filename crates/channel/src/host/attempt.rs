use std::{sync::Arc, time::Duration};

use backon::BackoffBuilder as _;
use weft_bus::{Delivery, Published, Stream};
use weft_domain::Result;
use weft_proto::{
    channel::v1::{
        AttemptEnded, AttemptStarted, Inbound, Order, Outbound, Thread, ThreadMoved,
        attempt_ended::Result as Ended, inbound::Event,
    },
    convert,
};

use super::{backoff, core::Core, metering};
use crate::Adapter;

impl<A: Adapter> Core<A> {
    /// Says before a call that it may happen now; on disk when it answers. It answers whether nobody said so before: a
    /// broker that was killed may count the first delivery twice.
    pub(crate) async fn tell_started(
        &self,
        order: &Order,
        message: &Outbound,
        lease: Duration,
    ) -> Result<bool> {
        let started = AttemptStarted {
            message_id: message.message_id.clone(),
            attempt: message.attempt,
            lease_until: Some(convert::timestamp(self.clock.now() + lease)),
            repeatable: false,
        };
        let event =
            self.report(order, &message.thread_id, marker(message), Event::AttemptStarted(started))?;
        // whoever gave up without knowing might say it did not go, while another sends it
        Ok(!self.publish_patiently(Stream::In, event).await?.duplicate)
    }

    /// Says how an attempt ended; goes on until it is on disk.
    pub(crate) async fn tell_ended(
        &self,
        order: &Order,
        message: &Outbound,
        ended: AttemptEnded,
    ) -> Result<()> {
        let id = match ended.result() {
            // may be said by several processes, each time with a meaning of its own
            Ended::Redelivered => {
                format!("redelivered:{}:{}:{}", message.message_id, message.attempt, uuid::Uuid::now_v7())
            }
            _ => format!("ended:{}:{}", message.message_id, message.attempt),
        };
        self.count(&ended);
        fail::fail_point!("channel.report.before");
        self.tell(order, &message.thread_id, id, Event::AttemptEnded(ended)).await?;
        fail::fail_point!("channel.report.after");
        Ok(())
    }

    /// Says how an attempt ended that never began. It takes the marker's place, so that nobody begins it later; where somebody
    /// has begun it, they say how it ends.
    pub(crate) async fn tell_not_started(
        &self,
        order: &Order,
        message: &Outbound,
        ended: AttemptEnded,
    ) -> Result<()> {
        let report = Event::AttemptEnded(ended.clone());
        let event = self.report(order, &message.thread_id, marker(message), report)?;
        if self.publish_patiently(Stream::In, event).await?.duplicate {
            return self.tell_ended(order, message, redelivered(message)).await;
        }
        self.count(&ended);
        Ok(())
    }

    /// Says that the provider gave the thread another id.
    pub(crate) async fn tell_moved(
        &self,
        order: &Order,
        message: &Outbound,
        moved: ThreadMoved,
    ) -> Result<()> {
        let id = format!("moved:{}:{}", message.message_id, message.attempt);
        self.tell(order, &message.thread_id, id, Event::Moved(moved)).await
    }

    /// An order that was out before: whoever wrote it knows whether it may still go.
    pub(crate) async fn report_redelivered(
        self: &Arc<Self>,
        order: &Order,
        message: &Outbound,
        delivery: &Delivery,
    ) -> Result<()> {
        tracing::info!(message.id = message.message_id, attempts = delivery.attempts, "an order came again");
        self.tell_not_started(order, message, redelivered(message)).await
    }

    pub(crate) async fn report_panic(self: &Arc<Self>, order: &Order, message: &Outbound) -> Result<()> {
        tracing::error!(message.id = message.message_id, "the adapter panicked while sending");
        let ended = AttemptEnded {
            reason: "sending ended with a fault of ours; it may have gone".to_owned(),
            code: "adapter_fault".to_owned(),
            ..of(message, Ended::Unclear)
        };
        self.tell_ended(order, message, ended).await
    }

    /// Puts a report on the bus, and waits for the bus as long as it takes.
    pub(crate) async fn tell(&self, order: &Order, thread_id: &str, id: String, event: Event) -> Result<()> {
        let event = self.report(order, thread_id, id, event)?;
        self.publish_patiently(Stream::In, event).await.map(|_| ())
    }

    pub(crate) async fn publish_patiently(
        &self,
        stream: Stream,
        event: weft_bus::Event,
    ) -> Result<Published> {
        let mut waits = backoff::for_bus().build();
        loop {
            let error = match self.bus.publish(stream, event.clone()).await {
                Ok(published) => return Ok(published),
                Err(error) => error,
            };
            let wait = waits.next().filter(|_| error.code().is_transient()).ok_or(error)?;
            tokio::time::sleep(wait).await;
        }
    }

    fn count(&self, ended: &AttemptEnded) {
        metering::attempts(self.descriptor.kind, ended.result(), 1);
        if ended.result() == Ended::Deferred {
            metering::deferrals(self.descriptor.kind, &ended.code, 1);
        }
    }

    fn report(&self, order: &Order, thread_id: &str, id: String, event: Event) -> Result<weft_bus::Event> {
        let thread = Thread { id: thread_id.to_owned(), ..Thread::default() };
        let report =
            Inbound { key: id.clone(), thread: Some(thread), event: Some(event), ..Inbound::default() };
        self.envelope_as(order.channel_id.clone(), order.tenant_id.clone(), id, report)
    }
}

/// The id of an attempt's marker: of all that is published under it, the bus keeps the first.
fn marker(message: &Outbound) -> String {
    format!("attempt:{}:{}", message.message_id, message.attempt)
}

/// The end of this attempt.
pub(crate) fn of(message: &Outbound, result: Ended) -> AttemptEnded {
    AttemptEnded {
        message_id: message.message_id.clone(),
        attempt: message.attempt,
        result: result.into(),
        ..AttemptEnded::default()
    }
}

/// The end of an attempt that was taken up before.
pub(crate) fn redelivered(message: &Outbound) -> AttemptEnded {
    let reason = "an earlier taker did not say how it ended".to_owned();
    AttemptEnded { reason, ..of(message, Ended::Redelivered) }
}
