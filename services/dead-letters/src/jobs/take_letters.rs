use std::collections::BTreeMap;

use weft_bus::DeadLetter;
use weft_domain::{Result, TenantId, id};
use weft_store::installation;

use crate::{desk::Desk, metering, store::letters};

/// Letters in memory at once, each up to a megabyte.
const AT_ONCE: usize = 25;

/// Takes all letters from the bus into the database. Each leaves the bus after it is there: what a crash brings again, or
/// another replica takes as well, is there already.
pub(crate) async fn run(desk: &Desk) -> Result<()> {
    let mut after = 0;
    loop {
        let letters = desk.bus.dead_letters(after, AT_ONCE).await?;
        let Some(last) = letters.last() else { return Ok(()) };
        after = last.id;
        for (tenant, letters) in by_tenant(&letters) {
            // One tenant's trouble is not another's.
            if let Err(error) = take(desk, tenant, &letters).await {
                tracing::error!(tenant.id = %tenant, error = &error as &dyn std::error::Error, "dead letters stay on the bus");
            }
        }
        if letters.len() < AT_ONCE {
            return Ok(());
        }
    }
}

async fn take(desk: &Desk, tenant: TenantId, found: &[&DeadLetter]) -> Result<()> {
    let new = desk.store.tenant(tenant).write(|tx| async move { letters::keep(&tx, found).await }).await?;
    metering::taken(new);
    let ids: Vec<u64> = found.iter().map(|letter| letter.id).collect();
    desk.bus.remove_dead_letters(&ids).await
}

/// What names no tenant of ours belongs to the installation.
fn by_tenant(letters: &[DeadLetter]) -> BTreeMap<TenantId, Vec<&DeadLetter>> {
    let mut tenants: BTreeMap<TenantId, Vec<&DeadLetter>> = BTreeMap::new();
    for letter in letters {
        let named = letter.letter.event.tenant.as_deref().unwrap_or_default();
        let tenant = id::parse::<id::Tenant>("tenant", named).unwrap_or_else(|_| installation());
        tenants.entry(tenant).or_default().push(letter);
    }
    tenants
}
