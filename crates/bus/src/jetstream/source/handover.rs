//! What one replica leaves to the next.

use async_nats::jetstream::consumer::Info;
use tokio::time::Instant;
use tracing::warn;
use weft_domain::Result;

use super::{GRACE, HANDED_OVER, MOST_CALLED_BACK, Source, failed};
use crate::{jetstream::recovery::Recovery, queue::closed};

impl Source {
    /// Finds out what a predecessor had out when this client was pinned.
    pub(super) async fn look(&mut self) -> Result<()> {
        let consumer = self.consumer.as_ref().ok_or_else(closed)?;
        let info = consumer.get_info().await.map_err(failed)?;
        self.must_look = false;
        self.looked_at = Instant::now();
        self.note_life(&info);
        let (pending, mark) = (info.num_ack_pending, info.delivered.stream_sequence);
        let held = pinned(&info);
        // Somebody else has it, and what is out with it.
        if held.is_some() && held != self.pin.as_ref() {
            return Ok(());
        }
        let last = self.recovery.until().unwrap_or_else(|| Instant::now() + self.spec.ack_wait + GRACE);
        self.recovery = Recovery::start(pending, mark, self.ours(), last);
        if self.recovery.until().is_some() {
            self.aside.append(&mut self.ready);
            self.called_back = Some((Instant::now() + HANDED_OVER, info));
        }
        Ok(())
    }

    fn ours(&self) -> impl Iterator<Item = u64> {
        self.out.iter().filter(|(life, _)| *life == self.life).map(|(_, cursor)| *cursor)
    }

    /// Gives back in a predecessor's name what it had out, so that it comes now and not when its time is up. What was
    /// settled meanwhile, the broker knows better. Source: the ack subjects of JetStream (ADR 26 of NATS).
    pub(super) async fn call_back(&self, info: &Info) {
        let (first, last) = (info.ack_floor.stream_sequence + 1, info.delivered.stream_sequence);
        if last.saturating_sub(first) > MOST_CALLED_BACK {
            return;
        }
        let (stream, name) = (self.spec.stream.name(), &self.spec.name);
        let place = info.delivered.consumer_sequence;
        let theirs = (first..=last).filter(|cursor| !self.out.contains(&(self.life, *cursor)));
        let subjects: Vec<String> =
            theirs.map(|cursor| format!("$JS.ACK.{stream}.{name}.1.{cursor}.{place}.0.0")).collect();
        self.tell(subjects.iter().map(String::as_str), "-NAK").await;
    }

    /// After a standstill: what was not handed out may be with another replica, and so may what waits in the connection.
    pub(super) fn let_go(&mut self) {
        warn!(consumer = %self.spec.name, "this process stood still; what it had not begun is left to the broker");
        self.since = Instant::now();
        self.messages = None;
        self.pin = None;
        for fetched in self.ready.drain(..).chain(self.aside.drain(..)) {
            self.out.remove(&fetched.delivery.place());
        }
        self.arrived.clear();
        self.recovery = Recovery::default();
        self.called_back = None;
    }
}

pub(super) fn pinned(info: &Info) -> Option<&String> {
    info.priority_groups.iter().find_map(|group| group.pinned_client_id.as_ref())
}
