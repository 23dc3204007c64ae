//! What a message shows stays until the message is taken back, and goes with the last one that shows it.

use weft_bus::{Delivery, Outcome};
use weft_domain::Result;
use weft_proto::{
    conversation::v1::Message,
    events::v1::MessageCreated,
    json,
    media::v1::{HoldFilesRequest, ReleaseFilesRequest},
};

use crate::app::{Media, hold_files, release_files};

/// Holds the files of messages and lets go of those of messages that were taken back; again, that changes nothing.
pub(super) async fn handle(media: &Media, batch: Vec<Delivery>) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(batch.len());
    for delivery in batch {
        outcomes.push(match apply(media, &delivery).await {
            Ok(()) => Outcome::Done,
            Err(error) => super::weigh(delivery.attempts, &error),
        });
    }
    outcomes
}

async fn apply(media: &Media, delivery: &Delivery) -> Result<()> {
    if !is_of_a_message(delivery) {
        return Ok(());
    }
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

/// `message.hidden` is about somebody's sight.
fn is_of_a_message(delivery: &Delivery) -> bool {
    ["weft.v1.message.created", "weft.v1.message.updated"].contains(&delivery.event.kind.as_str())
}
