use std::time::Duration;

use tokio::time::timeout;
use uuid::Uuid;
use weft_bus::{Reader, Stream};
use weft_domain::{Error, Result, TenantId};
use weft_store::{Scope, Tx};

use super::overtaken;
use crate::{
    Context,
    change::{self, Change},
    project::{self, Target},
    store::{entity::rebuild::Model, rebuilds},
};

/// After so many events of other tenants it says how far it is.
const SCANNED: usize = 5_000;
/// The event waited for is there; only an outage keeps it so long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads events and counts them.
pub(super) struct Chase<'a> {
    scope: Scope,
    tenant: String,
    owner: Uuid,
    target: Target<'a>,
    batch: usize,
    reader: Reader,
    cursor: u64,
}

/// Events of the tenant, in order, and how far that is.
struct Portion {
    changes: Vec<Change>,
    cursor: u64,
}

impl<'a> Chase<'a> {
    /// Begins after the last event that was counted.
    pub(super) async fn begin(
        context: &'a Context,
        tenant: TenantId,
        owner: Uuid,
        row: &Model,
        since: Option<i64>,
    ) -> Result<Self> {
        let cursor = u64::try_from(row.cursor).unwrap_or_default();
        // Of all tenants: the last event there is always comes, whosever it is.
        let filters = vec!["weft.events.>".to_owned()];
        let reader = context.bus.read_from(Stream::Events, Some(cursor), filters).await.map_err(overtaken)?;
        Ok(Self {
            scope: context.store.tenant(tenant),
            tenant: tenant.to_string(),
            owner,
            target: Target { generation: row.generation, since, durations: context.durations.as_ref() },
            batch: context.batch,
            reader,
            cursor,
        })
    }

    /// The last event that was counted.
    pub(super) fn cursor(&self) -> u64 {
        self.cursor
    }

    /// Counts all events up to this one.
    pub(super) async fn up_to(&mut self, head: u64) -> Result<()> {
        while self.cursor < head {
            let portion = self.read(head).await?;
            self.count(&portion, head).await?;
            self.cursor = portion.cursor;
        }
        Ok(())
    }

    async fn read(&mut self, head: u64) -> Result<Portion> {
        let mut portion = Portion { changes: Vec::new(), cursor: self.cursor };
        for _ in 0..SCANNED {
            let next = timeout(PATIENCE, self.reader.next()).await.map_err(|_| silent())?;
            let Some((cursor, event)) = next.map_err(overtaken)? else { return Err(silent()) };
            portion.cursor = cursor;
            if event.tenant.as_deref() == Some(&self.tenant) {
                match change::read(&event) {
                    Ok((_, Change::Nothing)) => {}
                    Ok((_, change)) => portion.changes.push(change),
                    Err(error) => {
                        tracing::warn!(event.id = %event.id, error = %error, "a rebuild skips an event")
                    }
                }
            }
            if cursor >= head || portion.changes.len() >= self.batch {
                break;
            }
        }
        Ok(portion)
    }

    async fn count(&self, portion: &Portion, head: u64) -> Result<()> {
        match self.write(&portion.changes, (portion.cursor, head)).await {
            Ok(()) => return Ok(()),
            Err(error) if error.code().is_transient() || error.reason() == "busy" => return Err(error),
            // One of them is poison, which was put aside when it first came.
            Err(_) => {}
        }
        for change in &portion.changes {
            match self.write(std::slice::from_ref(change), (self.cursor, head)).await {
                Ok(()) => {}
                Err(error) if error.code().is_transient() || error.reason() == "busy" => return Err(error),
                Err(error) => tracing::warn!(error = %error, "a rebuild skips an event"),
            }
        }
        self.write(&[], (portion.cursor, head)).await
    }

    async fn write(&self, changes: &[Change], to: (u64, u64)) -> Result<()> {
        let (owner, target) = (self.owner, self.target);
        let count = |tx: Tx| async move {
            rebuilds::advance(&tx, owner, to, changes.len()).await?;
            project::apply(&tx, target, changes).await
        };
        self.scope.write(count).await
    }
}

fn silent() -> Error {
    Error::unavailable("bus_timeout")
}
