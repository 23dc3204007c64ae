//! What is in saved views follows conversations and people's marks on them.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;
use weft_bus::{Delivery, Outcome};
use weft_domain::{Result, TenantId, id};
use weft_store::Tx;

use crate::{Context, store::views as sets, views};

/// Looks at the conversations of each tenant as they are now, so that a repeated event changes nothing.
pub(crate) async fn handle(context: &Context, batch: Vec<Delivery>) -> Vec<Outcome> {
    let mut by_tenant: HashMap<TenantId, HashSet<Uuid>> = HashMap::new();
    let about: Vec<Result<(TenantId, Uuid)>> = batch.iter().map(about).collect();
    for (tenant, conversation) in about.iter().flatten() {
        by_tenant.entry(*tenant).or_default().insert(*conversation);
    }
    let mut failed = HashMap::new();
    for (tenant, conversations) in &by_tenant {
        if let Err(error) = follow(context, *tenant, conversations).await {
            failed.insert(*tenant, error);
        }
    }
    let ended = |(delivery, about): (&Delivery, &Result<(TenantId, Uuid)>)| match about {
        Ok((tenant, _)) => match failed.get(tenant) {
            Some(error) => super::weigh(delivery.attempts, error),
            None => Outcome::Done,
        },
        Err(error) => super::weigh(delivery.attempts, error),
    };
    batch.iter().zip(&about).map(ended).collect()
}

/// The conversation is what orders these events.
fn about(delivery: &Delivery) -> Result<(TenantId, Uuid)> {
    let tenant = id::parse("tenant", delivery.event.tenant.as_deref().unwrap_or_default())?;
    let conversation = id::parse::<id::Conversation>("key", &delivery.event.key)?;
    Ok((tenant, conversation.uuid()))
}

async fn follow(context: &Context, tenant: TenantId, conversations: &HashSet<Uuid>) -> Result<()> {
    let scope = context.store.tenant(tenant);
    if !scope.read(|tx: Tx| async move { sets::any_counted(&tx).await }).await? {
        return Ok(());
    }
    scope.write(|tx| async move { views::follow(&tx, conversations).await }).await
}
