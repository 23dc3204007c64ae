use std::time::Duration;

use futures::{StreamExt, future, stream};
use weft_bus::{Delivery, Outcome};
use weft_domain::{Error, Result, TenantId, id};
use weft_proto::json;

use crate::{
    app::append_records::{self, Recorded},
    compliance::Compliance,
};

const FIRST_WAIT: Duration = Duration::from_millis(250);
/// So many tenants' chains grow at once.
const AT_ONCE: usize = 4;
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Chains what services wrote down: each tenant's records in the order in which they came, in one transaction.
pub(crate) async fn handle(compliance: &Compliance, deliveries: Vec<Delivery>) -> Vec<Outcome> {
    let read: Vec<Result<(TenantId, Recorded)>> = deliveries.iter().map(read).collect();
    let mut tenants: Vec<(TenantId, Vec<Recorded>)> = Vec::new();
    for (tenant, record) in read.iter().flatten() {
        match tenants.iter_mut().find(|(known, _)| known == tenant) {
            Some((_, records)) => records.push(record.clone()),
            None => tenants.push((*tenant, vec![record.clone()])),
        }
    }
    let chained = tenants.into_iter().map(|(tenant, records)| chain(compliance, tenant, records));
    let failed: Vec<(TenantId, Error)> =
        stream::iter(chained).buffer_unordered(AT_ONCE).filter_map(future::ready).collect().await;
    let outcome = |(delivery, read): (&Delivery, &Result<(TenantId, Recorded)>)| match read {
        Err(error) => Outcome::Dead { reason: error.reason().to_owned(), words: error.message().to_owned() },
        Ok((tenant, _)) => match failed.iter().find(|(known, _)| known == tenant) {
            Some((_, error)) => later(delivery.attempts, error),
            None => Outcome::Done,
        },
    };
    deliveries.iter().zip(&read).map(outcome).collect()
}

/// Whose records wait, and why.
async fn chain(
    compliance: &Compliance,
    tenant: TenantId,
    records: Vec<Recorded>,
) -> Option<(TenantId, Error)> {
    let error = append_records::run(compliance, tenant, &records).await.err()?;
    tracing::error!(tenant.id = %tenant, error = &error as &dyn std::error::Error, "audit records wait");
    Some((tenant, error))
}

fn read(delivery: &Delivery) -> Result<(TenantId, Recorded)> {
    let event = &delivery.event;
    let tenant = id::parse("tenant", event.tenant.as_deref().unwrap_or_default())?;
    let recorded = Recorded {
        id: event.id.parse().map_err(|_| Error::invalid_field("id", "the event's id must be a UUID"))?,
        service: event.source.trim_start_matches('/').to_owned(),
        at: event.time,
        record: json::decode(&event.data)?,
    };
    Ok((tenant, recorded))
}

fn later(attempts: u32, error: &Error) -> Outcome {
    let after = FIRST_WAIT.saturating_mul(attempts.max(1)).min(LONGEST_WAIT);
    Outcome::Retry { after, reason: error.reason().to_owned() }
}
