use weft_domain::{Result, id};
use weft_proto::channel::v1::MediaFetched;
use weft_store::Tx;

use super::label;
use crate::{deliver, events, lookup, store::messages};

/// A provider's file is in our store, or never will be.
pub(super) async fn apply(tx: &Tx, fetched: &MediaFetched) -> Result<()> {
    let (_, mut message) = deliver::take(tx, lookup::message(&fetched.message_id)?).await?;
    let index = usize::try_from(fetched.index).unwrap_or(usize::MAX);
    let Some(attachment) = message.content.attachments.get_mut(index) else { return Ok(()) };
    if fetched.file_id.is_empty() {
        attachment.unavailable = label(&fetched.reason);
    } else {
        attachment.file = Some(id::parse::<id::File>("file_id", &fetched.file_id)?.uuid());
        attachment.unavailable = String::new();
        attachment.size = fetched.size;
        attachment.mime = label(&fetched.mime);
        if attachment.name.is_empty() {
            attachment.name = label(&fetched.name);
        }
    }
    messages::save(tx, &message).await?;
    events::message_updated(tx, &message)
}
