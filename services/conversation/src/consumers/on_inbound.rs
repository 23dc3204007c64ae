//! Adapters' events become rows: that is what the service is for.

use std::collections::HashMap;

use futures::{StreamExt, stream};
use tracing::Instrument;
use weft_bus::{Delivery, Outcome};
use weft_domain::{Error, ErrorCode, Result, TenantId};
use weft_proto::channel::v1::inbound;

use super::{dead, later, tell_typing, weigh};
use crate::{Context, intake};

/// Tenants whose events are stored at the same time; more would take all connections from the people who wait for answers.
const TENANTS_AT_ONCE: usize = 4;

/// An event of a batch, with its place there.
struct Taken {
    index: usize,
    attempts: u32,
    /// What it is ordered by; empty is nothing.
    key: String,
    event: intake::Event,
}

/// Applies a batch: one transaction per tenant, and one per event where that fails, so that poison harms only itself.
/// What is tried again holds the later events of its key back.
pub(crate) async fn handle(context: &Context, batch: Vec<Delivery>) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = batch.iter().map(|_| Outcome::Done).collect();
    let mut by_tenant: HashMap<TenantId, Vec<Taken>> = HashMap::new();
    let mut typing = Vec::new();
    for (index, delivery) in batch.iter().enumerate() {
        match intake::read(delivery) {
            // Worth nothing a second later, so never stored.
            Ok((tenant, event)) if matches!(event.inbound.event, Some(inbound::Event::Typing(_))) => {
                typing.push((tenant, event));
            }
            Ok((tenant, event)) => {
                let taken =
                    Taken { index, attempts: delivery.attempts, key: delivery.event.key.clone(), event };
                by_tenant.entry(tenant).or_default().push(taken);
            }
            Err(error) => set(&mut outcomes, index, dead(&error)),
        }
    }
    let applied = by_tenant.into_iter().map(|(tenant, events)| apply(context, tenant, events));
    let applied: Vec<_> = stream::iter(applied).buffer_unordered(TENANTS_AT_ONCE).collect().await;
    for (index, outcome) in applied.into_iter().flatten() {
        set(&mut outcomes, index, outcome);
    }
    for (tenant, event) in &typing {
        tell_typing::tell(context, *tenant, event).await;
    }
    outcomes
}

async fn apply(context: &Context, tenant: TenantId, taken: Vec<Taken>) -> Vec<(usize, Outcome)> {
    let events: Vec<intake::Event> = taken.iter().map(|one| one.event.clone()).collect();
    match write(context, tenant, &events).await {
        Ok(()) => taken.iter().map(|one| (one.index, Outcome::Done)).collect(),
        Err(error) if is_down(&error) => {
            tracing::warn!(tenant.id = %tenant, error = %error, "inbound events wait");
            taken.iter().map(|one| (one.index, later(one.attempts, &error))).collect()
        }
        Err(_) => Box::pin(one_by_one(context, tenant, taken)).await,
    }
}

/// Something in the batch is poison, or it was too much at once: each on its own, in order.
async fn one_by_one(context: &Context, tenant: TenantId, taken: Vec<Taken>) -> Vec<(usize, Outcome)> {
    let mut outcomes = Vec::with_capacity(taken.len());
    let mut down: Option<Error> = None;
    let mut held_back: HashMap<String, Error> = HashMap::new();
    for one in taken {
        if let Some(error) = down.as_ref().or_else(|| held_back.get(&one.key)) {
            outcomes.push((one.index, later(one.attempts, error)));
            continue;
        }
        let span = one.event.span.clone();
        let outcome = match write(context, tenant, std::slice::from_ref(&one.event)).instrument(span).await {
            Ok(()) => Outcome::Done,
            Err(error) => {
                tracing::warn!(tenant.id = %tenant, error = %error, source = ?std::error::Error::source(&error), "inbound event fails");
                let outcome = weigh(one.attempts, &error);
                if error.code().is_transient() {
                    down = Some(error);
                } else if !one.key.is_empty() && matches!(outcome, Outcome::Retry { .. }) {
                    held_back.insert(one.key, error);
                }
                outcome
            }
        };
        outcomes.push((one.index, outcome));
    }
    outcomes
}

async fn write(context: &Context, tenant: TenantId, events: &[intake::Event]) -> Result<()> {
    let fresh =
        context.store.tenant(tenant).write(|tx| async move { intake::apply(&tx, events).await }).await?;
    let repeated = u64::try_from(events.len() - fresh.min(events.len())).unwrap_or_default();
    metrics::counter!("weft_conversation_applied_total").increment(u64::try_from(fresh).unwrap_or_default());
    metrics::counter!("weft_conversation_duplicates_total").increment(repeated);
    Ok(())
}

/// Whether the database is away, so that trying each event alone would fail as well.
fn is_down(error: &Error) -> bool {
    matches!(error.code(), ErrorCode::Unavailable | ErrorCode::Throttled)
}

fn set(outcomes: &mut [Outcome], index: usize, outcome: Outcome) {
    if let Some(place) = outcomes.get_mut(index) {
        *place = outcome;
    }
}
