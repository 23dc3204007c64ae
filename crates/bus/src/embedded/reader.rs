use std::{collections::VecDeque, sync::Arc};

use tokio::sync::watch;
use weft_domain::{Error, Result};

use super::{log::Log, rows::Stored};
use crate::{Event, Stream};

const PAGE: usize = 256;

pub(crate) struct Reader {
    log: Arc<Log>,
    stream: Stream,
    filters: Vec<String>,
    head: watch::Receiver<u64>,
    next: u64,
    page: VecDeque<Arc<Stored>>,
}

impl Reader {
    pub(crate) fn new(
        log: Arc<Log>,
        stream: Stream,
        after: Option<u64>,
        filters: Vec<String>,
    ) -> Result<Self> {
        let tail = log.tail(stream);
        let (head, last) = (tail.head(), tail.last());
        let next = after.unwrap_or(last) + 1;
        if next < tail.first() || next > last + 1 {
            return Err(expired());
        }
        Ok(Self { log, stream, filters, head, next, page: VecDeque::new() })
    }

    pub(crate) async fn next(&mut self) -> Result<Option<(u64, Event)>> {
        loop {
            if let Some(stored) = self.page.pop_front() {
                return Ok(Some((stored.cursor, stored.event.clone())));
            }
            let head = *self.head.borrow_and_update();
            if self.next > head {
                tokio::select! {
                    changed = self.head.changed() => if changed.is_err() { return Ok(None) },
                    () = self.log.closed.cancelled() => return Ok(None),
                }
                continue;
            }
            let (page, next) = self.log.read(self.stream, (self.next, head), PAGE, &self.filters).await?;
            if self.next < self.log.tail(self.stream).first() {
                return Err(expired());
            }
            self.next = next;
            self.page = page.into();
        }
    }
}

fn expired() -> Error {
    Error::precondition("cursor_expired", "events after this cursor are no longer kept; read the state anew")
}
