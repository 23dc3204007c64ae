use std::sync::atomic::{AtomicBool, Ordering};

use prost::Message;
use weft_domain::{Error, Result, TenantId};
use weft_proto::Intent;
use weft_store::Once;

use crate::Context;

/// The answer of an earlier call with the same key, before any work is done: a second try would not hear or say the very same.
pub(super) async fn find<T: Message + Default>(
    context: &Context,
    tenant: TenantId,
    intent: &Intent,
) -> Result<Option<Once<T>>> {
    if intent.idempotency.is_none() {
        return Ok(None);
    }
    let is_new = AtomicBool::new(false);
    let look = |_tx| {
        is_new.store(true, Ordering::Relaxed);
        // so that nothing is claimed
        std::future::ready(Err(Error::internal("it has not been done yet")))
    };
    match context.store.tenant(tenant).write_once(intent, look).await {
        Err(_) if is_new.load(Ordering::Relaxed) => Ok(None),
        found => found.map(Some),
    }
}
