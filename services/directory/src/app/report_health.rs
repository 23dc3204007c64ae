use weft_domain::{Error, Result};
use weft_proto::{
    convert::time,
    directory::v1::{Health, ReportHealthRequest, health::Status},
    events::v1::ChannelUpdated,
};
use weft_store::Tx;

use super::lookup;
use crate::{directory::Directory, store::channels};

const LONGEST_DETAIL: usize = 2000;

/// Notes how an account is doing; everybody is told only when that is something new.
pub(crate) async fn run(directory: &Directory, request: ReportHealthRequest) -> Result<()> {
    let channel = lookup::channel(&request.channel_id)?;
    let health = request
        .health
        .ok_or_else(|| Error::invalid("missing_field", "`health` is required").with_field("health"))?;
    let tenant = channels::tenant_of(&directory.store, channel).await?;
    let (report, public_url) = (&health, directory.config.public_url.as_str());
    let scope = directory.scope(tenant);
    scope.write(|tx| async move { note(&tx, channel, report, public_url).await }).await
}

async fn note(tx: &Tx, channel: uuid::Uuid, report: &Health, public_url: &str) -> Result<()> {
    let before = channels::get_locked(tx, channel).await?;
    let detail: String = report.detail.chars().take(LONGEST_DETAIL).collect();
    let checked_at = report.checked_at.as_ref().and_then(time).unwrap_or_else(|| tx.now());
    let mut after = before.clone();
    after.set_health(report.status(), &detail, Some(checked_at));
    // who could not ask the provider has not learned when
    if report.status() == Status::Connected {
        after.token_expires_at = report.token_expires_at.as_ref().and_then(time);
    }
    channels::change(tx, &after).await?;
    let told = |row: &channels::Model| (row.health.clone(), row.health_detail.clone(), row.token_expires_at);
    if told(&after) == told(&before) {
        return Ok(());
    }
    let shown = after.shown(public_url, tx.now())?;
    tx.emit_event(&shown.id.clone(), &ChannelUpdated { channel: Some(shown) })
}
