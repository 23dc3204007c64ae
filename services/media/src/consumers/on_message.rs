//! What a message shows stays until the message is taken back, and goes with the last one that shows it.

use weft_bus::Delivery;
use weft_domain::Result;
use weft_proto::{
    conversation::v1::Message,
    events::v1::MessageCreated,
    json,
    media::v1::{HoldFilesRequest, ReleaseFilesRequest},
};

use crate::app::{Media, hold_files, release_files};

/// Holds the files of a message, and lets go of them when it was taken back.
pub(super) async fn apply(media: &Media, delivery: &Delivery) -> Result<()> {
    // Created and updated carry the message in the same field.
    let event: MessageCreated = json::decode(&delivery.event.data)?;
    let tenant_id = delivery.event.tenant.clone().unwrap_or_default();
    let Some(Message { id: holder, attachments, deleted_at, .. }) = event.message else { return Ok(()) };
    if deleted_at.is_some() {
        let all = ReleaseFilesRequest { tenant_id, ids: Vec::new(), holder };
        return release_files::run(media, &all).await.map(drop);
    }
    // what is still on its way has no id yet
    let ids: Vec<String> = attachments.into_iter().map(|file| file.id).filter(|id| !id.is_empty()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    hold_files::run(media, &HoldFilesRequest { tenant_id, ids, holder }).await.map(drop)
}
