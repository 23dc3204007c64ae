use weft_domain::{Error, Result};
use weft_proto::compliance::v1::{ExportAuditLogRequest, ExportAuditLogResponse};
use weft_rpc::Accepted;
use weft_store::{Tx, page};

use crate::{compliance::Compliance, store::entries};

const MAX_PAGE: u32 = 1_000;

/// Gives entries in their order, as they are hashed.
pub(crate) async fn run(
    compliance: &Compliance,
    call: Accepted<ExportAuditLogRequest>,
) -> Result<ExportAuditLogResponse> {
    let request = &call.message;
    let size = match request.page_size {
        0 => MAX_PAGE.into(),
        1..=MAX_PAGE => u64::from(request.page_size),
        _ => {
            return Err(Error::invalid_field("page_size", format!("`page_size` must be at most {MAX_PAGE}")));
        }
    };
    let after = page::decode::<u64>(&request.page_token)?.unwrap_or_default();
    let tenant = compliance.readable(&call.principal, request.tenant.as_deref())?;
    let scope = compliance.store.tenant(tenant.unwrap_or(call.principal.tenant));
    let export = |tx: Tx| async move {
        let rows = match tenant {
            Some(_) => entries::after(&tx, after, size + 1).await?,
            None => Vec::new(),
        };
        let (items, next_page_token) = page::cut(rows, size, |entry| entry.seq)?;
        Ok(ExportAuditLogResponse { items, next_page_token })
    };
    scope.write_once(&call.intent, export).await.map(|once| once.value)
}
