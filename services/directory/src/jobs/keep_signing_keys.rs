use weft_domain::Result;
use weft_proto::Intent;
use weft_store::installation;

use crate::{directory::Directory, store::signing_keys};

/// Makes the first key, replaces one that is old, forgets those that are spent, and takes what other replicas made.
pub(crate) async fn run(directory: &Directory) -> Result<()> {
    if is_due(directory).await? {
        let lead = directory.config.key_lead();
        let scope = directory.scope(installation());
        let told = &Intent::without_request("system", "key.rotate");
        scope
            .write(|tx| async move {
                signing_keys::rotate(&tx, lead).await?;
                tx.audit(told)
            })
            .await?;
        tracing::info!("a new signing key was made");
    }
    signing_keys::delete_spent(&directory.store, directory.now()).await?;
    let published = directory.keyring.reload(&directory.store, directory.now()).await?;
    directory.authority.set_keys(&published);
    Ok(())
}

async fn is_due(directory: &Directory) -> Result<bool> {
    let scope = directory.scope(installation());
    let keys = scope.read(|tx| async move { signing_keys::all(&tx).await }).await?;
    let oldest_allowed = directory.now() - directory.config.key_age();
    Ok(keys.last().is_none_or(|newest| newest.signs_from <= oldest_allowed))
}
