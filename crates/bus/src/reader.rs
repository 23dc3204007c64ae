use weft_domain::Result;

use crate::{Event, embedded, jetstream};

/// Reads a stream from a cursor on, then what comes; leaves no trace on the bus.
pub struct Reader(pub(crate) Inner);

pub(crate) enum Inner {
    Embedded(embedded::Reader),
    JetStream(Box<jetstream::Reader>),
}

impl Reader {
    /// Waits for the next event and gives its cursor with it; `None` once the bus is closed.
    ///
    /// May be dropped while it waits. Fails with `cursor_expired` when the stream has moved on past this reader.
    pub async fn next(&mut self) -> Result<Option<(u64, Event)>> {
        match &mut self.0 {
            Inner::Embedded(reader) => reader.next().await,
            Inner::JetStream(reader) => reader.next().await,
        }
    }
}
