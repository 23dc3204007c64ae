use weft_domain::Result;
use weft_proto::channel::v1::Reachability;
use weft_store::Tx;

use super::Event;
use crate::{events, store::contacts};

/// The contact blocked us, or can be written to again.
pub(super) async fn apply(tx: &Tx, event: &Event, change: &Reachability) -> Result<()> {
    note(tx, event, change.reachable).await
}

/// Notes whether the thread's contact can be written to.
pub(super) async fn note(tx: &Tx, event: &Event, reachable: bool) -> Result<()> {
    let identity = contacts::identity_of_thread(tx, event.channel_id, event.thread_id()).await?;
    let Some(identity) = identity else { return Ok(()) };
    let changed = contacts::set_reachable(tx, event.channel_id, &identity.external_id, reachable).await?;
    let Some(id) = changed else { return Ok(()) };
    let contact = contacts::get(tx, id).await?;
    events::contact_updated(tx, &contact).await
}
