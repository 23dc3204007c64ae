use std::time::Duration;

use weft_bus::{Delivery, Outcome};
use weft_domain::{Error, Result, TenantId, id};
use weft_proto::json;

use crate::{
    app::append_records::{self, Recorded},
    compliance::Compliance,
};

const FIRST_WAIT: Duration = Duration::from_millis(250);
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
    let mut failed: Vec<(TenantId, Error)> = Vec::new();
    for (tenant, records) in &tenants {
        if let Err(error) = append_records::run(compliance, *tenant, records).await {
            tracing::error!(tenant.id = %tenant, error = &error as &dyn std::error::Error, "audit records wait");
            failed.push((*tenant, error));
        }
    }
    let outcome = |(delivery, read): (&Delivery, &Result<(TenantId, Recorded)>)| match read {
        Err(error) => Outcome::Dead { reason: error.reason().to_owned(), words: error.message().to_owned() },
        Ok((tenant, _)) => match failed.iter().find(|(known, _)| known == tenant) {
            Some((_, error)) => later(delivery.attempts, error),
            None => Outcome::Done,
        },
    };
    deliveries.iter().zip(&read).map(outcome).collect()
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
