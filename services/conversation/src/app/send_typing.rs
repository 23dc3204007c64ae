use serde_json::json;
use weft_bus::subject;
use weft_domain::Result;
use weft_proto::{
    conversation::v1::{Author, SendTypingRequest, author},
    events::v1::TypingSeen,
};
use weft_rpc::Accepted;

use crate::{
    Context, lookup, show,
    store::{contact_lists, conversations, people},
};

/// Tells the contact, and our own side, that somebody is typing. Nothing is kept of it.
pub(crate) async fn run(context: &Context, call: Accepted<SendTypingRequest>) -> Result<()> {
    let id = lookup::conversation(&call.message.id)?;
    let tenant = call.principal.tenant;
    let user = call.principal.user();
    let load =
        |tx| async move { Ok((conversations::get(&tx, id).await?, people::person(&tx, user.uuid()).await?)) };
    let (conversation, person) = context.store.tenant(tenant).read(load).await?;
    let seen = TypingSeen {
        conversation_id: show::conversation_id(conversation.id),
        author: Some(Author {
            kind: author::Kind::Agent.into(),
            id: user.to_string(),
            name: person.map(|person| person.name).unwrap_or_default(),
        }),
    };
    let ours = subject::live(&tenant.to_string(), &["typing"])?;
    context.bus.publish_live(&ours, weft_proto::json::encode(&seen)?).await?;
    let contact = conversation.contact_id;
    let is_blocked = |tx| async move { contact_lists::is_blocked(&tx, contact).await };
    if context.store.tenant(tenant).read(is_blocked).await? {
        return Ok(());
    }
    let order = json!({
        "tenant_id": tenant.to_string(),
        "channel_id": show::channel_id(conversation.channel_id),
        "thread_id": conversation.thread_id,
    });
    let theirs = subject::live(&tenant.to_string(), &["typing_out", &conversation.channel_kind])?;
    context.bus.publish_live(&theirs, order.to_string().into()).await
}
