//! What arrives: under which pin, in which life of the consumer, for the first time or again.

use async_nats::{
    header::NATS_PIN_ID,
    jetstream::{Message, consumer::Info},
};
use tracing::warn;

use super::{SUSPECT, Source};
use crate::{Delivery, delivery::Fetched, jetstream::message};

impl Source {
    /// What is looked at before the next one is sorted in: another pin may come with another life, and where the broker's
    /// count has a gap, something was lost on its way to us, which comes again only when its time is up.
    pub(super) fn note_next(&mut self) {
        let Some(next) = self.arrived.front() else { return };
        let pin = pin(next).filter(|pin| self.pin.as_deref() != Some(*pin)).map(ToOwned::to_owned);
        let count = next.info().ok().map(|info| info.consumer_sequence);
        let counted = std::mem::replace(&mut self.counted, count);
        if pin.is_some() {
            self.pin = pin;
            self.must_look = true;
        } else if counted.is_some_and(|counted| count.is_some_and(|count| count > counted + 1)) {
            warn!(consumer = %self.spec.name, ?counted, ?count, "events were lost on their way here; they are called back");
            self.must_look = true;
        }
    }

    /// Notes when the broker made the consumer. A broker that lost its disk has a new one, whose numbers start again: what is
    /// out from before is finished here, and means nothing to it.
    pub(super) fn note_life(&mut self, info: &Info) {
        if self.made.replace(info.created).is_some_and(|made| made != info.created) {
            warn!(consumer = %self.spec.name, "the broker has made this consumer anew");
            self.life += 1;
        }
    }

    /// Sorts in the next that arrived; says whether there was one.
    pub(super) fn sort_in_next(&mut self) -> bool {
        let next = self.arrived.pop_front();
        next.map(|message| self.sort_in(message)).is_some()
    }

    fn sort_in(&mut self, message: Message) {
        let Ok(info) = message.info() else { return };
        let (cursor, delivered) = (info.stream_sequence, info.delivered);
        let place = (self.life, cursor);
        let again = !self.out.insert(place);
        let message = message.message;
        let ack_to = message.reply.as_ref().map(ToString::to_string).unwrap_or_default();
        let (event, fault) = match message::event(&message.subject, message.headers.as_ref(), message.payload)
        {
            Ok(event) => (event, None),
            Err((event, fault)) => (*event, Some(fault)),
        };
        let attempts = u32::try_from(delivered).unwrap_or(u32::MAX).max(1);
        let delivery = Delivery { event, cursor, attempts, life: self.life, grip: Some(self.pulse.grip()) };
        let fetched = Fetched { delivery, ack_to, fault, suspect: attempts > SUSPECT };
        let mut here = self.aside.iter_mut().chain(&mut self.ready);
        if let Some(known) = here.find(|known| again && known.delivery.place() == place) {
            known.ack_to = fetched.ack_to;
        } else if !again && self.recovery.arrived(cursor) {
            self.aside.push(fetched);
        } else {
            self.ready.push(fetched);
        }
    }
}

fn pin(message: &Message) -> Option<&str> {
    message.headers.as_ref()?.get_last(NATS_PIN_ID).map(|pin| pin.as_str())
}
