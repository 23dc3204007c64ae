//! What begins, ends or changes hands decides who is given what.

use std::collections::HashMap;

use futures::{StreamExt, stream};
use weft_bus::{Delivery, Outcome};
use weft_domain::{Result, TenantId};
use weft_proto::{events::v1::ConversationCreated, json};

use super::{missing, set, tenant, weigh};
use crate::{Context, desk::Desk, known::Seen};

/// Tenants whose events are taken note of at the same time.
const TENANTS_AT_ONCE: usize = 4;

/// An event of a batch, with its place there.
struct Taken {
    index: usize,
    attempts: u32,
    seen: Seen,
}

/// Takes note of a batch: one transaction per tenant, and one per event where that fails, so that poison harms only
/// itself. A batch holds one event of each conversation.
pub(super) async fn handle(context: &Context, batch: Vec<Delivery>) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = batch.iter().map(|_| Outcome::Done).collect();
    let mut by_tenant: HashMap<TenantId, Vec<Taken>> = HashMap::new();
    for (index, delivery) in batch.iter().enumerate() {
        match read(delivery) {
            Ok((tenant, seen)) => {
                let taken = Taken { index, attempts: delivery.attempts, seen };
                by_tenant.entry(tenant).or_default().push(taken);
            }
            Err(error) => set(&mut outcomes, index, weigh(delivery.attempts, &error)),
        }
    }
    let applied = by_tenant.into_iter().map(|(tenant, taken)| apply(context, tenant, taken));
    let applied: Vec<_> = stream::iter(applied).buffer_unordered(TENANTS_AT_ONCE).collect().await;
    for (index, outcome) in applied.into_iter().flatten() {
        set(&mut outcomes, index, outcome);
    }
    context.decided.notify_one();
    outcomes
}

fn read(delivery: &Delivery) -> Result<(TenantId, Seen)> {
    // Created and updated carry the same thing in the same field.
    let event: ConversationCreated = json::decode(&delivery.event.data)?;
    let conversation = event.conversation.ok_or_else(|| missing("conversation"))?;
    Ok((tenant(delivery)?, Seen::read(&conversation)?))
}

async fn apply(context: &Context, tenant: TenantId, taken: Vec<Taken>) -> Vec<(usize, Outcome)> {
    let all: Vec<&Seen> = taken.iter().map(|one| &one.seen).collect();
    match learn(context, tenant, &all).await {
        Ok(()) => return Vec::new(),
        Err(error) if error.code().is_transient() => {
            tracing::warn!(tenant.id = %tenant, error = %error, "conversations' events wait");
            return taken.iter().map(|one| (one.index, weigh(one.attempts, &error))).collect();
        }
        Err(_) => {}
    }
    let mut outcomes = Vec::with_capacity(taken.len());
    for one in &taken {
        if let Err(error) = learn(context, tenant, &[&one.seen]).await {
            tracing::warn!(tenant.id = %tenant, error = %error, source = ?std::error::Error::source(&error), "a conversation's event fails");
            outcomes.push((one.index, weigh(one.attempts, &error)));
        }
    }
    outcomes
}

async fn learn(context: &Context, tenant: TenantId, all: &[&Seen]) -> Result<()> {
    let learn = |tx| async move {
        let mut desk = Desk::open(tx, context.default_capacity).await?;
        desk.recall_known(all.iter().map(|seen| seen.id).collect()).await?;
        all.iter().for_each(|seen| desk.learn(seen));
        desk.close().await
    };
    context.store.tenant(tenant).write(learn).await
}
