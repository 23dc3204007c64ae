use std::collections::HashSet;

use chrono::{DateTime, SubsecRound, Utc};
use prost::Message;
use uuid::Uuid;
use weft_domain::{Error, Result, TenantId, id};
use weft_proto::{
    compliance::v1::{AuditEntry, AuditRecord},
    convert::{time, timestamp},
};
use weft_store::Tx;

use crate::{
    chain::link,
    compliance::Compliance,
    metering,
    store::{
        entries,
        entries::{Head, Linked},
        person_keys::{self, PersonKeys},
    },
};

/// So often somebody else may be first.
const TRIES: u32 = 20;

/// What a service wrote down, as it came.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) id: Uuid,
    pub(crate) service: String,
    pub(crate) at: DateTime<Utc>,
    pub(crate) record: AuditRecord,
}

/// Puts records at the end of a tenant's chain, in this order; those that are there already are passed over.
pub(crate) async fn run(compliance: &Compliance, tenant: TenantId, records: &[Recorded]) -> Result<()> {
    let scope = compliance.store.tenant(tenant);
    for _ in 0..TRIES {
        match scope.write(|tx| async move { append(compliance, &tx, records).await }).await {
            // Another replica took the numbers: look again where the chain ends.
            Err(error) if error.reason() == "already_exists" => {}
            done => return done.map(|sizes| announce(compliance, sizes)),
        }
    }
    Err(Error::unavailable("audit_log_busy"))
}

/// Tells the checkpoints' job when a multiple of the number was passed.
fn announce(compliance: &Compliance, (before, after): (u64, u64)) {
    metering::appended(after - before);
    let every = u64::from(compliance.config.checkpoint_entries.max(1));
    if before / every != after / every {
        compliance.checkpoint_due.notify_one();
    }
}

async fn append(compliance: &Compliance, tx: &Tx, records: &[Recorded]) -> Result<(u64, u64)> {
    let head = entries::head(tx).await?;
    let mut known = entries::known(tx, records.iter().map(|record| record.id)).await?;
    let fresh: Vec<&Recorded> = records.iter().filter(|record| known.insert(record.id)).collect();
    let people: HashSet<String> = fresh.iter().filter_map(|record| record.person()).collect();
    let keys = person_keys::get_or_make(tx, &compliance.kek, people).await?;
    let before = head.size;
    let (linked, after) = link_all(tx.tenant(), head, &fresh, &keys)?;
    entries::insert(tx, &linked).await?;
    Ok((before, after.size))
}

fn link_all(
    tenant: TenantId,
    mut head: Head,
    fresh: &[&Recorded],
    keys: &PersonKeys,
) -> Result<(Vec<Linked>, Head)> {
    let mut linked = Vec::with_capacity(fresh.len());
    for one in fresh {
        let mut entry = one.entry(tenant, head.size + 1);
        if let Some(person) = one.person() {
            let personal = AuditRecord { personal: one.record.personal.clone(), ..AuditRecord::default() };
            entry.sealed = keys.seal(tenant, &person, one.id, &personal.encode_to_vec())?.into();
        }
        let hash = link::hash(&entry, &head.hash);
        linked.push(Linked { id: one.id, prev: head.hash, hash, entry });
        head = Head { size: head.size + 1, hash };
    }
    Ok((linked, head))
}

impl Recorded {
    /// Under whose key the personal fields are sealed: the user's, or else one of its own.
    fn person(&self) -> Option<String> {
        let record = &self.record;
        (!record.personal.is_empty()).then(|| person_keys::owner(&record.user, self.id))
    }

    fn entry(&self, tenant: TenantId, seq: u64) -> AuditEntry {
        let record = self.record.clone();
        let at = record.at.as_ref().and_then(time).unwrap_or(self.at);
        AuditEntry {
            tenant_id: tenant.to_string(),
            seq,
            id: id::from_uuid::<id::Event>(self.id).to_string(),
            service: self.service.clone(),
            at: Some(timestamp(at.trunc_subsecs(6))),
            actor: record.actor,
            user: record.user,
            session: record.session,
            action: record.action,
            outcome: record.outcome,
            reason: record.reason,
            objects: record.objects,
            changes: record.changes,
            trace_id: record.trace_id,
            idempotent: record.idempotent,
            ..AuditEntry::default()
        }
    }
}
