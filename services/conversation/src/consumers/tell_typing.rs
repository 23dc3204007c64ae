//! Typing goes to the sockets at once and is never stored.

use weft_bus::subject;
use weft_domain::{Result, TenantId};
use weft_proto::{
    conversation::v1::{Author, author},
    events::v1::TypingSeen,
    json,
};

use crate::{Context, intake, show, store::conversations};

/// Tells whoever watches that a contact is typing; if that fails, nothing is lost.
pub(super) async fn tell(context: &Context, tenant: TenantId, event: &intake::Event) {
    if let Err(error) = try_to_tell(context, tenant, event).await {
        tracing::debug!(error = %error, "typing was not told");
    }
}

async fn try_to_tell(context: &Context, tenant: TenantId, event: &intake::Event) -> Result<()> {
    let channel = event.channel_id;
    let thread = event.thread_id();
    let find = |tx| async move { conversations::newest_of_thread(&tx, channel, thread).await };
    let Some(conversation) = context.store.tenant(tenant).read(find).await? else { return Ok(()) };
    let name = event.inbound.sender.as_ref().map(|sender| sender.name.clone()).unwrap_or_default();
    let seen = TypingSeen {
        conversation_id: show::conversation_id(conversation.id),
        author: Some(Author {
            kind: author::Kind::Contact.into(),
            id: show::contact_id(conversation.contact_id),
            name,
        }),
    };
    let subject = subject::live(&tenant.to_string(), &["typing"])?;
    context.bus.publish_live(&subject, json::encode(&seen)?).await
}
