use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use futures::{StreamExt, TryStreamExt, stream};
use uuid::Uuid;
use weft_bus::{ConsumerSpec, Delivery, Event, Outcome, Stream};
use weft_domain::{Result, TenantId, id};
use weft_proto::{
    channel::v1::{ChannelLogged, Noted},
    convert::time,
    directory::v1::channel_log_entry::{Direction, Outcome as Ended},
    json,
};
use weft_store::{Store, Tx};

use crate::store::{channel_log, channel_traffic, channels};

const AFTER_FAILURE: Duration = Duration::from_secs(1);
/// Tenants whose lines are written at the same time: on SQLite they share one synced commit.
const TENANTS_AT_ONCE: usize = 4;

/// Lines of one kind of channel, all of one tenant.
type Lines = HashMap<(TenantId, String), Vec<Noted>>;

/// The consumer of what adapters note.
pub(crate) fn channel_logs() -> ConsumerSpec {
    ConsumerSpec { batch: 16, ..ConsumerSpec::new("directory-channel-log", Stream::Log, &["weft.log.*"]) }
}

/// Adapters note what they and their providers say to each other: here it becomes the log of each channel. An adapter speaks for
/// channels of its own kind only, and that is the last word of its subject.
pub(crate) async fn on_channel_logged(store: Store, events: Vec<Delivery>) -> Vec<Outcome> {
    let mut lines = Lines::new();
    for delivery in &events {
        if let Err(error) = read(&delivery.event, &mut lines) {
            // a log is no promise
            tracing::warn!(%error, subject = delivery.event.subject, "lines of a channel log cannot be read");
        }
    }
    let keep = lines.into_iter().map(|((tenant, kind), lines)| keep(&store, tenant, kind, lines));
    match stream::iter(keep).buffer_unordered(TENANTS_AT_ONCE).try_collect::<()>().await {
        Ok(()) => events.iter().map(|_| Outcome::Done).collect(),
        Err(error) => {
            let again = |_| Outcome::Retry { after: AFTER_FAILURE, reason: error.reason().to_owned() };
            events.iter().map(again).collect()
        }
    }
}

fn read(event: &Event, lines: &mut Lines) -> Result<()> {
    let logged: ChannelLogged = json::decode(&event.data)?;
    let kind = event.subject.rsplit('.').next().unwrap_or_default();
    for noted in logged.entries {
        let tenant = id::parse("tenant_id", &noted.tenant_id)?;
        lines.entry((tenant, kind.to_owned())).or_default().push(noted);
    }
    Ok(())
}

async fn keep(store: &Store, tenant: TenantId, kind: String, lines: Vec<Noted>) -> Result<()> {
    let (kind, lines) = (&kind, &lines);
    store.tenant(tenant).write(|tx| async move { write(&tx, kind, lines).await }).await
}

async fn write(tx: &Tx, kind: &str, lines: &[Noted]) -> Result<()> {
    let rows = lines.iter().filter_map(|noted| Some((channel_log::row(tx, noted)?, noted)));
    let named: HashSet<Uuid> = rows.clone().map(|(row, _)| row.channel_id).collect();
    let own = channels::of_kind(tx, kind, named).await?;
    let rows: Vec<_> = rows.filter(|(row, _)| own.contains(&row.channel_id)).collect();
    let mut traffic = channel_traffic::of(tx, own.into_iter().collect()).await?;
    for (row, noted) in &rows {
        note(
            traffic
                .entry(row.channel_id)
                .or_insert_with(|| channel_traffic::Model::none(row.tenant_id, row.channel_id)),
            row,
            noted,
        );
    }
    channel_traffic::save(tx, traffic.into_values().collect()).await?;
    channel_log::add(tx, rows.into_iter().map(|(row, _)| row).collect()).await
}

/// What a line says about the last time that something happened.
fn note(known: &mut channel_traffic::Model, row: &channel_log::Model, noted: &Noted) {
    let went_well = row.outcome == Ended::Ok.as_str_name();
    let came_in = row.direction == Direction::Inbound.as_str_name() && row.events > 0;
    if came_in {
        known.last_inbound_at = known.last_inbound_at.max(Some(row.at));
    } else if went_well && row.attempt > 0 {
        known.last_outbound_at = known.last_outbound_at.max(Some(row.at));
    }
    let throttled = noted.throttled_until.as_ref().and_then(time);
    known.throttled_until = known.throttled_until.max(throttled);
}
