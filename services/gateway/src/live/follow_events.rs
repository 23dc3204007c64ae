use std::{sync::Arc, time::Duration};

use tokio_util::sync::CancellationToken;
use weft_bus::{Reader, Stream};
use weft_domain::Result;

use super::{Shared, entry::Entry};

const EVERYTHING: &str = "weft.events.>";
const PAUSE: Duration = Duration::from_millis(500);

/// Reads the events of all tenants into the ring, until the bus closes or `stop`.
pub(super) async fn run(shared: Arc<Shared>, stop: CancellationToken) {
    while let Some(Err(error)) = stop.run_until_cancelled(follow(&shared)).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "events cannot be followed; trying again");
        if stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
            return;
        }
    }
}

async fn follow(shared: &Shared) -> Result<()> {
    let mut reader = open(shared).await?;
    while let Some((cursor, event)) = reader.next().await? {
        if let Some(entry) = Entry::new(cursor, event) {
            shared.hub.take(entry);
        }
    }
    Ok(())
}

async fn open(shared: &Shared) -> Result<Reader> {
    if let Some(last_read) = shared.hub.ring.last_read() {
        match read_after(shared, last_read).await {
            Err(error) if error.reason() == "cursor_expired" => {}
            opened => return opened,
        }
    }
    open_anew(shared).await
}

/// Begins far enough back that clients who come back after a restart of ours find what they missed in the ring, or less
/// far when the stream does not keep that much.
async fn open_anew(shared: &Shared) -> Result<Reader> {
    let last = shared.bus.last_cursor(Stream::Events).await?;
    let mut back = u64::try_from(shared.config.ring_events).unwrap_or(u64::MAX);
    loop {
        let floor = last.saturating_sub(back);
        match read_after(shared, floor).await {
            Err(error) if error.reason() == "cursor_expired" && back > 0 => back /= 10,
            Err(error) => return Err(error),
            Ok(reader) => {
                shared.hub.ring.start(floor, last);
                shared.hub.wake_all(last);
                return Ok(reader);
            }
        }
    }
}

async fn read_after(shared: &Shared, cursor: u64) -> Result<Reader> {
    shared.bus.read_from(Stream::Events, Some(cursor), vec![EVERYTHING.to_owned()]).await
}
