//! Conversations are with teams, and people see what their teams have: what the directory says of both is kept as a projection.

use std::collections::HashSet;

use uuid::Uuid;
use weft_bus::{Delivery, Outcome};
use weft_domain::{Error, Result, TenantId, id};
use weft_proto::{convert::time, events::v1::TeamUpdated, json};

use crate::{
    Context,
    store::{entity::team, teams},
};

/// Applies each event; one that is repeated, or later than what is known already, changes nothing.
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
    let event: TeamUpdated = json::decode(&delivery.event.data)?;
    let missing = |what: &str| Error::invalid("unreadable_event", format!("the event has no `{what}`"));
    let told = event.team.ok_or_else(|| missing("team"))?;
    let updated_at = told.updated_at.as_ref().and_then(time).ok_or_else(|| missing("team.updated_at"))?;
    let member = |text: &String| Ok(id::parse::<id::User>("team.members", text)?.uuid());
    let members: HashSet<Uuid> = told.members.iter().map(member).collect::<Result<_>>()?;
    let members = &members;
    let row = &team::Model {
        tenant_id: tenant.uuid(),
        id: id::parse::<id::Team>("team.id", &told.id)?.uuid(),
        name: told.name,
        removed: event.removed,
        cleared: false,
        updated_at,
    };
    context.store.tenant(tenant).write(|tx| async move { teams::put(&tx, row.clone(), members).await }).await
}
