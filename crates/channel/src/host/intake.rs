use std::time::Duration;

use tokio::time::timeout;
use tracing::Instrument as _;
use weft_bus::{Event, MAX_EVENT_BYTES, NewDeadLetter, Published, Stream, subject};
use weft_domain::{Error, Result};

use super::{
    core::Core,
    envelope::{KIND, digest},
    live_account::LiveAccount,
    metering,
    spool::{Batch, Spool},
};
use crate::{Adapter, Received, Unreadable};

/// Shorter than the least patient provider's wait (IN-4).
const BUS_PATIENCE: Duration = Duration::from_secs(2);

impl<A: Adapter> Core<A> {
    /// Makes of what an adapter understood what is put on the bus.
    pub(crate) fn batch(&self, account: &LiveAccount<A::Account>, received: &mut Received) -> Result<Batch> {
        let mut batch = Batch::default();
        for event in std::mem::take(&mut received.events) {
            if self.descriptor.capabilities.typing {
                self.last_messages.note(&account.channel_id, &event);
            }
            let key = event.key.clone();
            match self.envelope(account, event) {
                Ok(event) => batch.events.push(event),
                Err(error) => {
                    let raw = bytes::Bytes::from(key);
                    let entry = Unreadable { why: error.message().to_owned(), raw };
                    batch.letters.push(self.letter(account, error.reason(), &entry)?);
                }
            }
        }
        for entry in std::mem::take(&mut received.unreadable) {
            batch.letters.push(self.letter(account, "unreadable_call", &entry)?);
        }
        let kind = self.descriptor.kind;
        for ignored in std::mem::take(&mut received.ignored) {
            tracing::debug!(channel.kind = kind, what = %ignored.kind, reason = ignored.reason, "an entry of a call is ignored");
            metering::ignored(kind, ignored.reason);
        }
        Ok(batch)
    }

    /// A dead letter of what could not be read, with its raw bytes.
    fn letter(
        &self,
        account: &LiveAccount<A::Account>,
        reason: &str,
        entry: &Unreadable,
    ) -> Result<NewDeadLetter> {
        let letter = self.letter_of(account.channel_id.to_string(), reason, entry)?;
        let tenant = Some(account.tenant_id.to_string());
        Ok(NewDeadLetter { event: Event { tenant, ..letter.event }, ..letter })
    }

    /// A dead letter of a spooled record that the bus will never take.
    pub(crate) fn letter_of_record(&self, record: Vec<u8>, error: &Error) -> Result<NewDeadLetter> {
        let entry = Unreadable { why: error.to_string(), raw: record.into() };
        self.letter_of("spool".to_owned(), "spooled_call_refused", &entry)
    }

    fn letter_of(&self, key: String, reason: &str, entry: &Unreadable) -> Result<NewDeadLetter> {
        let kind = self.descriptor.kind;
        let event = Event {
            id: format!("raw:{key}:{}", digest(&entry.raw)),
            kind: "weft.v1.webhook.unreadable".to_owned(),
            source: format!("/channel-{kind}"),
            subject: subject::inbound(0, kind)?,
            key,
            tenant: None,
            time: self.clock.now(),
            traceparent: weft_telemetry::current_context().traceparent,
            tracestate: None,
            data: entry.raw.slice(..entry.raw.len().min(MAX_EVENT_BYTES)),
        };
        Ok(NewDeadLetter {
            source: format!("channel-{kind}"),
            reason: reason.to_owned(),
            words: entry.why.clone(),
            attempts: 1,
            stream: None,
            event,
        })
    }

    /// Puts a batch on the bus, or else on our own disk for providers that do not come back.
    ///
    /// `unavailable`: nothing is promised, the provider has to come again.
    pub(crate) async fn keep(&self, batch: Batch) -> Result<()> {
        if batch.is_empty() {
            return Ok(());
        }
        let comes_again = self.descriptor.redelivers_for >= self.config.worst_outage();
        if comes_again {
            return self.put(&batch).await;
        }
        // what came later must not overtake what waits
        if !self.spool.is_empty() && self.spool(&batch).await? {
            return Ok(());
        }
        let Err(error) = self.put(&batch).await else { return Ok(()) };
        tracing::warn!(%error, "the bus does not take a call; it is kept on disk");
        if self.spool(&batch).await? { Ok(()) } else { Err(error) }
    }

    /// Waits at most two seconds for the bus.
    pub(crate) async fn put(&self, batch: &Batch) -> Result<()> {
        let put = async {
            let span = weft_telemetry::span::bus_publish(KIND);
            let publish = self.bus.publish_all(Stream::In, batch.events.clone());
            let published = publish.instrument(span).await?;
            for letter in &batch.letters {
                self.bus.put_dead_letter(letter.clone()).await?;
            }
            self.count_accepted(&published);
            Ok(())
        };
        timeout(BUS_PATIENCE, put).await.unwrap_or_else(|_| Err(Error::unavailable("bus_timeout")))
    }

    pub(crate) fn count_accepted(&self, published: &[Published]) {
        let duplicates = published.iter().filter(|one| one.duplicate).count();
        metering::accepted(self.descriptor.kind, count(published.len() - duplicates), count(duplicates));
    }

    async fn spool(&self, batch: &Batch) -> Result<bool> {
        let spool: &Spool = &self.spool;
        match spool.append(batch).await {
            Ok(()) => {
                metering::spooled(self.descriptor.kind);
                Ok(true)
            }
            Err(error) => {
                tracing::error!(%error, cause = ?std::error::Error::source(&error), "the spool takes nothing");
                Err(error)
            }
        }
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
