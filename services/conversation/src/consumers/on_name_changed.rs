//! Channels' and users' names are shown with conversations, and what channels can do is said before sending: what the directory
//! and adapters say of them is kept as a projection.

use weft_bus::{Delivery, Outcome};
use weft_domain::{Error, Result, TenantId, id};
use weft_proto::{
    events::v1::{ChannelCreated, ChannelkindAnnounced, UserCreated},
    json,
};
use weft_store::installation;

use crate::{
    Context,
    store::{kinds, people},
};

/// Applies each event; all are upserts, so a repeated one changes nothing.
pub(crate) async fn handle(context: &Context, batch: Vec<Delivery>) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(batch.len());
    for delivery in batch {
        outcomes.push(match apply(context, &delivery).await {
            Ok(()) => Outcome::Done,
            Err(error) => super::weigh(delivery.attempts, &error),
        });
    }
    outcomes
}

async fn apply(context: &Context, delivery: &Delivery) -> Result<()> {
    let tenant: TenantId = id::parse("tenant", delivery.event.tenant.as_deref().unwrap_or_default())?;
    let scope = context.store.tenant(tenant);
    // Created, updated and deleted carry the same thing in the same field.
    if delivery.event.kind.starts_with("weft.v1.user.") {
        let event: UserCreated = json::decode(&delivery.event.data)?;
        let user = event.user.ok_or_else(|| missing("user"))?;
        let uuid = id::parse::<id::User>("user.id", &user.id)?.uuid();
        let name = if user.name.is_empty() { &user.email } else { &user.name };
        return scope
            .write(|tx| async move { people::put_person(&tx, uuid, name, user.disabled).await })
            .await;
    }
    if delivery.event.kind.starts_with("weft.v1.channelkind.") {
        let event: ChannelkindAnnounced = json::decode(&delivery.event.data)?;
        let kind = event.kind.ok_or_else(|| missing("kind"))?;
        let capabilities = &kind.capabilities.unwrap_or_default();
        let (name, at) = (&kind.kind, delivery.event.time);
        let scope = context.store.tenant(installation());
        return scope.write(|tx| async move { kinds::put(&tx, name, capabilities, at).await }).await;
    }
    let event: ChannelCreated = json::decode(&delivery.event.data)?;
    let channel = event.channel.ok_or_else(|| missing("channel"))?;
    let uuid = id::parse::<id::Channel>("channel.id", &channel.id)?.uuid();
    let (kind, name) = (&channel.kind, &channel.name);
    let deleted = delivery.event.kind.ends_with(".deleted");
    scope.write(|tx| async move { people::put_channel(&tx, uuid, kind, name, deleted).await }).await
}

fn missing(what: &str) -> Error {
    Error::invalid("unreadable_event", format!("the event has no `{what}`"))
}
