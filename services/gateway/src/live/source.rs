use std::{pin::Pin, sync::Arc};

use tokio::sync::watch;
use weft_domain::{Error, Result};

use super::{Shared, catch_up::CatchUp, entry::Entry, ring::Read};

type Opening = Pin<Box<dyn Future<Output = Result<CatchUp>> + Send>>;

/// A tenant's events after a position, in the order of the stream: from the ring, or from the bus where the ring has
/// forgotten them.
pub(super) struct Source {
    shared: Arc<Shared>,
    tenant: Arc<str>,
    news: watch::Receiver<u64>,
    position: u64,
    /// Whether it has had everything there was, once; from then on falling out of the ring is lagging.
    is_live: bool,
    opening: Option<Opening>,
    catch_up: Option<CatchUp>,
}

/// Why there are no more events.
pub(super) enum Dry {
    /// The socket is too slow.
    Lagging,
    /// What follows the position is no longer kept.
    Expired,
    /// The bus has closed or fails.
    Closed(Option<Error>),
}

impl Source {
    pub(super) fn new(shared: Arc<Shared>, tenant: &str, news: watch::Receiver<u64>, position: u64) -> Self {
        let tenant = tenant.into();
        Self { shared, tenant, news, position, is_live: false, opening: None, catch_up: None }
    }

    /// Everything up to here has been given.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// Goes on after another cursor.
    pub(super) fn seek(&mut self, position: u64) {
        (self.opening, self.catch_up) = (None, None);
        (self.position, self.is_live) = (position, false);
    }

    /// Whether more waits than a socket may be behind by.
    pub(super) fn is_lagging(&self) -> bool {
        let ring = &self.shared.hub.ring;
        self.is_live && ring.waiting(&self.tenant, self.position) > self.shared.config.lagging_events
    }

    /// Waits for events; gives none when only the position has moved. May be dropped while it waits.
    pub(super) async fn next(&mut self) -> Result<Vec<Arc<Entry>>, Dry> {
        loop {
            if self.catch_up.is_some() || self.opening.is_some() {
                if let Some(entry) = self.read_older().await? {
                    return Ok(vec![entry]);
                }
                continue;
            }
            self.news.borrow_and_update();
            match self.shared.hub.ring.read(&self.tenant, self.position) {
                Read::Behind if self.is_live => return Err(Dry::Lagging),
                Read::Behind => {
                    let (shared, tenant) = (Arc::clone(&self.shared), Arc::clone(&self.tenant));
                    self.opening = Some(Box::pin(CatchUp::open(shared, tenant, self.position)));
                }
                Read::Next(entries, position) => {
                    let has_moved = position != self.position;
                    self.position = position;
                    self.is_live |= entries.is_empty();
                    if has_moved || !entries.is_empty() {
                        return Ok(entries);
                    }
                    self.news.changed().await.map_err(|_closed| Dry::Closed(None))?;
                }
            }
        }
    }

    async fn read_older(&mut self) -> Result<Option<Arc<Entry>>, Dry> {
        if let Some(opening) = &mut self.opening {
            let opened = opening.await;
            self.opening = None;
            self.catch_up = Some(opened.map_err(dry)?);
        }
        let Some(catch_up) = &mut self.catch_up else { return Ok(None) };
        let step = catch_up.next().await.map_err(dry)?.ok_or(Dry::Closed(None))?;
        self.position = step.cursor;
        if step.is_last {
            self.catch_up = None;
        }
        Ok(step.entry)
    }
}

fn dry(error: Error) -> Dry {
    if error.reason() == "cursor_expired" { Dry::Expired } else { Dry::Closed(Some(error)) }
}
