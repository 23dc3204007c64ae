use chrono::TimeDelta;
use uuid::Uuid;
use weft_auth::Principal;
use weft_domain::Result;
use weft_proto::{
    convert::timestamp,
    directory::v1::{ChannelHealth, GetChannelHealthRequest},
};
use weft_store::Tx;

use super::lookup;
use crate::{
    directory::Directory,
    store::{channel_log, channel_traffic, channels},
};

/// What failures are counted over.
const WINDOW: TimeDelta = TimeDelta::hours(1);

/// How a channel is doing: what its adapter said, and what its log holds.
pub(crate) async fn run(
    directory: &Directory,
    caller: &Principal,
    request: &GetChannelHealthRequest,
) -> Result<ChannelHealth> {
    let channel = lookup::channel(&request.id)?;
    let scope = directory.scope(caller.tenant);
    scope.read(|tx| async move { health(&tx, channel).await }).await
}

async fn health(tx: &Tx, channel: Uuid) -> Result<ChannelHealth> {
    let row = channels::get(tx, channel).await?;
    let sums = channel_log::sums(tx, channel, tx.now() - WINDOW).await?;
    let traffic = channel_traffic::of(tx, vec![channel]).await?.remove(&channel);
    let traffic = traffic.unwrap_or_else(|| channel_traffic::Model::none(row.tenant_id, channel));
    let told = row.health(tx.now());
    let number = |sum: i64| u64::try_from(sum).unwrap_or_default();
    Ok(ChannelHealth {
        status: told.status,
        detail: told.detail,
        checked_at: told.checked_at,
        last_inbound_at: traffic.last_inbound_at.map(timestamp),
        last_outbound_at: traffic.last_outbound_at.map(timestamp),
        error_rate: share(sums.calls_failed, sums.calls),
        calls: number(sums.calls),
        calls_failed: number(sums.calls_failed),
        webhooks_refused: number(sums.webhooks_refused),
        token_expires_at: told.token_expires_at,
        throttled_until: traffic.throttled_until.filter(|until| *until > tx.now()).map(timestamp),
        previous_secrets_until: row.previous_until(tx.now()).map(timestamp),
    })
}

#[expect(clippy::cast_precision_loss, reason = "a share for people")]
fn share(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}
