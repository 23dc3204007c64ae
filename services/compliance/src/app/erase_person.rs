use weft_domain::{Error, Result, TenantId, id::UserId};
use weft_proto::Intent;
use weft_store::Store;

use crate::store::person_keys;

/// Makes what identifies a person in the log unreadable, for ever, by destroying the key; `actor` says on whose behalf. The
/// entries and their hashes stay as they are.
pub async fn run(store: &Store, tenant: TenantId, person: UserId, actor: &str) -> Result<()> {
    let told = &Intent::without_request(actor, "audit.erase");
    let scope = store.tenant(tenant);
    scope
        .write(|tx| async move {
            if !person_keys::destroy(&tx, &person.to_string()).await? {
                return Err(Error::not_found("user"));
            }
            tx.touch(person);
            tx.audit(told)
        })
        .await
}
