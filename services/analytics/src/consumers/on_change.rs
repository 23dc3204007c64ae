//! Conversations, messages, channels and people change: that is what the figures are made of.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use futures::{StreamExt, stream};
use weft_bus::{Delivery, Outcome};
use weft_domain::{Error, ErrorCode, Result, TenantId};

use super::{dead, later, weigh};
use crate::{
    Context,
    change::{self, Change},
    project::{self, Target},
    store::projections,
};

/// How long events wait while a rebuild catches up.
const HELD: Duration = Duration::from_millis(50);
/// So many tenants are counted at once.
const AT_ONCE: usize = 4;

/// An event of a batch, with its place there.
struct Taken {
    index: usize,
    attempts: u32,
    /// What it is ordered by; empty is nothing.
    key: String,
    change: Change,
}

/// What became of a batch of one tenant.
enum Counted {
    Done,
    /// A rebuild is about to take over.
    Held,
}

/// Counts a batch: one transaction per tenant, and one per event where that fails, so that poison harms only itself.
pub(crate) async fn handle(context: &Context, batch: Vec<Delivery>) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = batch.iter().map(|_| Outcome::Done).collect();
    let mut by_tenant: BTreeMap<TenantId, Vec<Taken>> = BTreeMap::new();
    for (index, delivery) in batch.iter().enumerate() {
        match change::read(&delivery.event) {
            Ok((_, Change::Nothing)) => {}
            Ok((tenant, change)) => by_tenant.entry(tenant).or_default().push(Taken {
                index,
                attempts: delivery.attempts,
                key: delivery.event.key.clone(),
                change,
            }),
            Err(error) => set(&mut outcomes, index, dead(&error)),
        }
    }
    let applied = by_tenant.into_iter().map(|(tenant, taken)| apply(context, tenant, taken));
    let applied: Vec<_> = stream::iter(applied).buffer_unordered(AT_ONCE).collect().await;
    for (index, outcome) in applied.into_iter().flatten() {
        set(&mut outcomes, index, outcome);
    }
    outcomes
}

async fn apply(context: &Context, tenant: TenantId, taken: Vec<Taken>) -> Vec<(usize, Outcome)> {
    let changes: Vec<Change> = taken.iter().map(|one| one.change.clone()).collect();
    let all =
        |outcome: &dyn Fn(&Taken) -> Outcome| taken.iter().map(|one| (one.index, outcome(one))).collect();
    match write(context, tenant, &changes).await {
        Ok(Counted::Done) => all(&|_| Outcome::Done),
        Ok(Counted::Held) => all(&|_| held()),
        Err(error) if matches!(error.code(), ErrorCode::Unavailable | ErrorCode::Throttled) => {
            tracing::warn!(tenant.id = %tenant, error = %error, "figures wait");
            all(&|one| later(one.attempts, &error))
        }
        Err(_) => one_by_one(context, tenant, taken).await,
    }
}

/// Something in the batch is poison, or it was too much at once: each on its own, in order. What is tried again holds the
/// later events of its key back.
async fn one_by_one(context: &Context, tenant: TenantId, taken: Vec<Taken>) -> Vec<(usize, Outcome)> {
    let mut outcomes = Vec::with_capacity(taken.len());
    let mut back: HashMap<String, Outcome> = HashMap::new();
    for one in taken {
        if let Some(outcome) = back.get(&one.key) {
            outcomes.push((one.index, outcome.clone()));
            continue;
        }
        let outcome = match write(context, tenant, std::slice::from_ref(&one.change)).await {
            Ok(Counted::Done) => Outcome::Done,
            Ok(Counted::Held) => held(),
            Err(error) => {
                tracing::warn!(tenant.id = %tenant, error = %error, source = ?std::error::Error::source(&error), "an event cannot be counted");
                weigh(one.attempts, &error)
            }
        };
        if !one.key.is_empty() && matches!(outcome, Outcome::Retry { .. }) {
            back.insert(one.key, outcome.clone());
        }
        outcomes.push((one.index, outcome));
    }
    outcomes
}

async fn write(context: &Context, tenant: TenantId, changes: &[Change]) -> Result<Counted> {
    let durations = context.durations.as_ref();
    let count = |tx: weft_store::Tx| async move {
        let projection = projections::advance(&tx).await?;
        if projection.held_until.is_some_and(|until| until > tx.now()) {
            return Err(wait());
        }
        let target = Target { generation: projection.generation, since: None, durations };
        project::apply(&tx, target, changes).await
    };
    match context.store.tenant(tenant).write(count).await {
        Ok(()) => {
            let events = u64::try_from(changes.len()).unwrap_or_default();
            metrics::counter!("weft_analytics_events_total").increment(events);
            Ok(Counted::Done)
        }
        Err(error) if error.reason() == "busy" => Ok(Counted::Held),
        Err(error) => Err(error),
    }
}

/// The turn is given back untouched.
fn wait() -> Error {
    Error::conflict("busy", "a rebuild is about to take over")
}

fn held() -> Outcome {
    Outcome::Retry { after: HELD, reason: "busy".to_owned() }
}

fn set(outcomes: &mut [Outcome], index: usize, outcome: Outcome) {
    if let Some(place) = outcomes.get_mut(index) {
        *place = outcome;
    }
}
