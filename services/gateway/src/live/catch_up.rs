use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use weft_bus::{Reader, Stream};
use weft_domain::{Error, Result};

use super::{Shared, entry::Entry};
use crate::metering;

/// Reads a tenant's older events from the bus, until it has reached what the ring has.
pub(super) struct CatchUp {
    reader: Reader,
    tenant: Arc<str>,
    until: u64,
    _permit: OwnedSemaphorePermit,
}

/// One step on the way.
pub(super) struct Step {
    pub(super) cursor: u64,
    /// None when the event is another tenant's, read only to know how far we are.
    pub(super) entry: Option<Arc<Entry>>,
    /// Whether the ring goes on from here.
    pub(super) is_last: bool,
}

impl CatchUp {
    /// Begins after a cursor; waits for its turn.
    pub(super) async fn open(shared: Arc<Shared>, tenant: Arc<str>, after: u64) -> Result<Self> {
        let permit = Arc::clone(&shared.catch_ups).acquire_owned().await.map_err(Error::internal)?;
        let own = format!("weft.events.{tenant}.>");
        // A tenant may have no events any more: some event that is in the ring has to say that we have arrived.
        let beacon = shared.hub.ring.beacon(&tenant);
        let until = beacon.as_ref().map_or(u64::MAX, |beacon| beacon.cursor);
        let foreign = beacon.filter(|beacon| !weft_bus::subject::matches(&own, &beacon.subject));
        let filters = std::iter::once(own).chain(foreign.map(|beacon| beacon.subject)).collect();
        let reader = shared.bus.read_from(Stream::Events, Some(after), filters).await?;
        metering::caught_up();
        Ok(Self { reader, tenant, until, _permit: permit })
    }

    /// None when the bus has closed. May be dropped while it waits.
    pub(super) async fn next(&mut self) -> Result<Option<Step>> {
        let Some((cursor, event)) = self.reader.next().await? else { return Ok(None) };
        let entry = Entry::new(cursor, event).filter(|entry| entry.tenant == self.tenant);
        Ok(Some(Step { cursor, entry, is_last: cursor >= self.until }))
    }
}
