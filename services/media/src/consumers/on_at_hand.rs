//! What canned replies and macros bring along stays as long as they have it.

use weft_bus::Delivery;
use weft_domain::Result;
use weft_proto::{
    events::v1::{CannedReplyUpdated, MacroUpdated},
    json,
};

use crate::app::{Media, hold_only};

/// Holds the files that a canned reply has now, and no others.
pub(super) async fn apply_canned_reply(media: &Media, delivery: &Delivery) -> Result<()> {
    let event: CannedReplyUpdated = json::decode(&delivery.event.data)?;
    let Some(reply) = event.canned_reply else { return Ok(()) };
    let files = reply.attachments.into_iter().map(|file| file.id).filter(|_| !event.removed);
    hold(media, delivery, files.collect(), &reply.id).await
}

/// Holds the files that a macro has now, and no others.
pub(super) async fn apply_macro(media: &Media, delivery: &Delivery) -> Result<()> {
    let event: MacroUpdated = json::decode(&delivery.event.data)?;
    let Some(told) = event.r#macro else { return Ok(()) };
    let files = [told.reply, told.note].into_iter().flatten().flat_map(|message| message.attachments);
    let files = files.map(|file| file.id).filter(|_| !event.removed);
    hold(media, delivery, files.collect(), &told.id).await
}

async fn hold(media: &Media, delivery: &Delivery, files: Vec<String>, holder: &str) -> Result<()> {
    let tenant = delivery.event.tenant.clone().unwrap_or_default();
    hold_only::run(media, &tenant, &files, holder).await
}
