use prost::Message;
use weft_domain::{Result, TenantId};
use weft_proto::{
    compliance::v1::{AuditEntry, AuditRecord, ListAuditLogRequest, ListAuditLogResponse},
    convert::time,
};
use weft_rpc::Accepted;
use weft_store::{Tx, page};

use crate::{
    compliance::Compliance,
    store::{
        entries::{self, Filter},
        person_keys,
    },
};

/// Lists entries, the newest first, with personal fields opened as far as their keys are still there.
pub(crate) async fn run(
    compliance: &Compliance,
    call: Accepted<ListAuditLogRequest>,
) -> Result<ListAuditLogResponse> {
    let request = &call.message;
    let size = page::size(request.page_size)?;
    let filter = &Filter {
        before: page::decode(&request.page_token)?,
        actor: given(request.actor.as_ref()),
        action: given(request.action.as_ref()),
        object: given(request.object.as_ref()),
        from: request.from.as_ref().and_then(time),
        to: request.to.as_ref().and_then(time),
    };
    let tenant = compliance.readable(&call.principal, request.tenant.as_deref())?;
    let scope = compliance.store.tenant(tenant.unwrap_or(call.principal.tenant));
    let list = |tx: Tx| async move {
        let rows = match tenant {
            Some(_) => entries::latest(&tx, filter, size + 1).await?,
            None => Vec::new(),
        };
        let (mut items, next_page_token) = page::cut(rows, size, |entry| entry.seq)?;
        open(compliance, &tx, &mut items).await?;
        Ok(ListAuditLogResponse { items, next_page_token })
    };
    scope.write_once(&call.intent, list).await.map(|once| once.value)
}

fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}

async fn open(compliance: &Compliance, tx: &Tx, items: &mut [AuditEntry]) -> Result<()> {
    let owners =
        items.iter().filter(|entry| !entry.sealed.is_empty()).map(owner).collect::<Result<Vec<_>>>()?;
    let keys = person_keys::find(tx, &compliance.kek, owners).await?;
    for entry in items {
        let sealed = std::mem::take(&mut entry.sealed);
        if !sealed.is_empty()
            && let Some(plain) = open_one(tx.tenant(), &keys, entry, &sealed)?
        {
            entry.personal = plain.personal;
        }
    }
    Ok(())
}

fn owner(entry: &AuditEntry) -> Result<String> {
    Ok(person_keys::owner(&entry.user, entries::uuid(entry)?))
}

fn open_one(
    tenant: TenantId,
    keys: &person_keys::PersonKeys,
    entry: &AuditEntry,
    sealed: &[u8],
) -> Result<Option<AuditRecord>> {
    let opened = keys.open(tenant, &owner(entry)?, entries::uuid(entry)?, sealed)?;
    Ok(opened.and_then(|bytes| AuditRecord::decode(bytes.as_slice()).ok()))
}
