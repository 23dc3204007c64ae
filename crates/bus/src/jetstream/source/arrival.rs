//! What arrives: under which pin, in which life of the consumer, for the first time or again.

use async_nats::{
    header::NATS_PIN_ID,
    jetstream::{Message, consumer::Info},
};
use tracing::warn;

use super::{SUSPECT, Source};
use crate::{Delivery, delivery::Fetched, jetstream::message};

impl Source {
    /// Another pin may come with another life, so that is looked at before what came with it.
    pub(super) fn note_pin(&mut self) {
        if let Some(pin) = self.arrived.front().and_then(pin)
            && self.pin.as_deref() != Some(pin)
        {
            self.pin = Some(pin.to_owned());
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

    /// Sorts in what came under this pin; says whether more came under another.
    pub(super) fn sort_in_arrived(&mut self) -> bool {
        let is_current =
            |message: &Message, ours: Option<&str>| pin(message).is_none_or(|pin| ours == Some(pin));
        while let Some(message) =
            self.arrived.pop_front_if(|message| is_current(message, self.pin.as_deref()))
        {
            self.sort_in(message);
        }
        !self.arrived.is_empty()
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
